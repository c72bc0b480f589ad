/** A small strict XML reader for tests: elements, attributes, text, CDATA; nothing else passes. */

export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
  /** Own text, entities resolved, CDATA as it is. */
  readonly text: string
}

/** The root element. Throws on anything that is not well-formed. */
export function readXml(source: string): XmlElement {
  const reader = new XmlReader(source)
  return reader.document()
}

/** Descendants of an element with this name, in document order. */
export function elementsOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.flatMap((child) => [
    ...(child.name === name ? [child] : []),
    ...elementsOf(child, name),
  ])
}

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
}

class XmlReader {
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  document(): XmlElement {
    this.#match(/<\?xml version="1\.0" encoding="UTF-8"\?>/y)
    const root = this.#element()
    if (this.#at !== this.#source.length) throw new Error(`text after the root at ${this.#at}`)
    return root
  }

  #element(): XmlElement {
    const [, name = '', inside = '', slash = ''] = this.#match(
      /<([A-Za-z]+)((?:\s+[A-Za-z]+="[^"<]*")*)(\/?)>/y,
    )
    const attributes: Record<string, string> = {}
    for (const [, key = '', value = ''] of inside.matchAll(/([A-Za-z]+)="([^"<]*)"/g)) {
      if (key in attributes) throw new Error(`attribute ${key} twice`)
      attributes[key] = resolve(value)
    }
    if (slash === '/') return { name, attributes, children: [], text: '' }
    const children: XmlElement[] = []
    let text = ''
    while (!this.#source.startsWith('</', this.#at)) {
      if (this.#source.startsWith('<![CDATA[', this.#at)) {
        const [, inner = ''] = this.#match(/<!\[CDATA\[([^]*?)\]\]>/y)
        text += plain(inner)
      } else if (this.#source[this.#at] === '<') children.push(this.#element())
      else text += resolve(this.#match(/[^<]+/y)[0])
    }
    this.#match(new RegExp(`</${name}>`, 'y'))
    return { name, attributes, children, text }
  }

  #match(pattern: RegExp): RegExpExecArray {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#source)
    if (found === null) {
      throw new Error(`expected ${pattern} at ${this.#source.slice(this.#at, this.#at + 60)}`)
    }
    this.#at = pattern.lastIndex
    return found
  }
}

function resolve(text: string): string {
  return plain(text).replace(/&[^;]*;?/g, (entity) => {
    const char = entities[entity]
    if (char === undefined) throw new Error(`no such entity: ${entity}`)
    return char
  })
}

/** Characters of XML 1.0 only. */
function plain(text: string): string {
  if (/(?![\t\n\r])\p{Cc}|[\uFFFE\uFFFF]|\p{Surrogate}/u.test(text)) throw new Error('no XML text')
  return text
}
