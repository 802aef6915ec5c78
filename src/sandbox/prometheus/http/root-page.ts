/** A page to ask a query by hand and to see the targets. It puts answers into the page as text only. */
export const rootPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Embedded Prometheus</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color-scheme: light dark; }
  input { width: 75%; font: inherit; padding: .3rem .5rem; } button { font: inherit; padding: .3rem .8rem; }
  table { border-collapse: collapse; width: 100%; margin: 1rem 0; font-size: .9rem; }
  td, th { text-align: left; padding: .25rem .5rem; border-bottom: 1px solid #8884; overflow-wrap: anywhere; }
</style>
<h1>Embedded Prometheus</h1>
<p>Part of the Serin sandbox. It answers the query API of Prometheus under <code>/api/v1</code>.</p>
<form><input name="query" value="up" aria-label="query" spellcheck="false"> <button>Ask</button></form>
<table><thead><tr><th>Series</th><th>Value</th></tr></thead><tbody id="answer"></tbody></table>
<h2>Targets</h2>
<table><thead><tr><th>Address</th><th>Health</th><th>Labels</th><th>Last error</th></tr></thead><tbody id="targets"></tbody></table>
<script type="module">
  const get = async path => (await fetch(path)).json()
  const fill = (id, rows) => document.getElementById(id).replaceChildren(...rows.map(cells => {
    const row = document.createElement('tr')
    row.append(...cells.map(cell => Object.assign(document.createElement('td'), { textContent: cell })))
    return row
  }))
  const rowsOf = ({ resultType, result }) => resultType === 'scalar' || resultType === 'string' ? [['', result[1]]]
    : result.map(one => [JSON.stringify(one.metric), one.value ? one.value[1] : one.values.map(point => point[1]).join(' ')])
  const form = document.querySelector('form')
  const ask = async () => {
    const answer = await get('/api/v1/query?' + new URLSearchParams(new FormData(form)))
    fill('answer', answer.status === 'success' ? rowsOf(answer.data) : [[answer.errorType, answer.error]])
  }
  form.addEventListener('submit', event => { event.preventDefault(); ask() })
  ask()
  const { data } = await get('/api/v1/targets')
  fill('targets', data.activeTargets.map(one => [one.scrapeUrl, one.health, JSON.stringify(one.labels), one.lastError]))
</script>
`
