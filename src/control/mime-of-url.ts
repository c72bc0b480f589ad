/** MIME types that the extension of a URL tells, for markup whose author did not say. */

const byExtension = new Map([
  ['gif', 'image/gif'],
  ['jpeg', 'image/jpeg'],
  ['jpg', 'image/jpeg'],
  ['png', 'image/png'],
  ['webp', 'image/webp'],
  ['svg', 'image/svg+xml'],
  ['avif', 'image/avif'],
  ['mp4', 'video/mp4'],
  ['m4v', 'video/mp4'],
  ['webm', 'video/webm'],
  ['ogv', 'video/ogg'],
  ['mov', 'video/quicktime'],
  ['3gp', 'video/3gpp'],
  ['flv', 'video/x-flv'],
  ['m3u8', 'application/x-mpegurl'],
  ['mpd', 'application/dash+xml'],
  ['mp3', 'audio/mpeg'],
  ['m4a', 'audio/mp4'],
  ['aac', 'audio/aac'],
  ['ogg', 'audio/ogg'],
  ['oga', 'audio/ogg'],
  ['wav', 'audio/wav'],
])

/** The type, or null where the path of the URL ends in no extension known here. */
export function mimeOfUrl(url: string): string | null {
  const [path = ''] = url.split(/[?#]/, 1)
  const dot = path.lastIndexOf('.')
  return dot === -1 ? null : (byExtension.get(path.slice(dot + 1).toLowerCase()) ?? null)
}
