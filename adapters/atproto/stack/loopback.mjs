// Imported first, before anything listens or reads settings. What the packages would do otherwise: listen on every
// interface, resolve `localhost` to ::1, and take settings from whatever environment the user happens to have.
import dns from 'node:dns'
import net from 'node:net'

dns.setDefaultResultOrder('ipv4first')

const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (...given) {
  const [first, second] = given
  const done = typeof given.at(-1) === 'function' ? [given.at(-1)] : []
  // listen(options) and listen(port, host): a path or a handle is no address, and stays.
  if (typeof first === 'object' && first !== null) {
    if (first.path !== undefined || first.fd !== undefined || first._handle) return listen.apply(this, given)
    return listen.call(this, { ...first, host: '127.0.0.1', ipv6Only: undefined }, ...done)
  }
  if (typeof first === 'string' && Number.isNaN(Number(first))) return listen.apply(this, given)
  const backlog = [second, given[2]].find((each) => typeof each === 'number')
  const port = typeof first === 'function' ? 0 : Number(first ?? 0)
  return listen.call(this, { port, host: '127.0.0.1', backlog }, ...done)
}

for (const name of Object.keys(process.env)) {
  if (/^(PDS|PLC|BSKY|BSYNC|OZONE|DB|REDIS|AWS|OTEL)_/.test(name)) delete process.env[name]
}
process.env.LOG_ENABLED = 'false'
