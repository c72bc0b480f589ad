/** The page at `/`: where things are, in plain HTML. */

/** The landing page. `version` is ours, not a visitor's, so nothing in it needs escaping. */
export function landingPage(version: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sluice</title>
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:40em;margin:4em auto;padding:0 1em}</style>
</head>
<body>
<h1>Sluice ${version}</h1>
<p>This is the control port: people and jobs talk to it, media do not.</p>
<ul>
<li><a href="/api/docs/">Admin API</a>, described by <a href="/api/openapi.json">OpenAPI 3.1</a></li>
<li><a href="/api/v1/packs">Packs</a>, <a href="/api/v1/strategies">strategies</a>,
<a href="/api/v1/experiments">experiments</a>, <a href="/api/v1/jobs">jobs</a>
(send <code>Authorization: Bearer &lt;key&gt;</code>)</li>
<li><a href="/metrics">Metrics</a>, <a href="/healthz">alive?</a>, <a href="/readyz">ready?</a></li>
</ul>
</body>
</html>
`
}
