// What afterwrite tells a process of the stack, and what that tells afterwrite.
import { readFileSync } from 'node:fs'

const numbers = ['plcPort', 'pdsPort', 'appviewPort', 'firehosePort']
const texts = ['postgresUrl', 'folder']

/** The settings, from the environment (they hold a password), where the packages must not find them any more. */
function read() {
  const text = process.env.AFTERWRITE_STACK
  delete process.env.AFTERWRITE_STACK
  if (text === undefined) throw new Error('AFTERWRITE_STACK is not set: afterwrite starts this program, nobody else')
  const settings = JSON.parse(text)
  for (const name of numbers) {
    if (!Number.isInteger(settings[name])) throw new Error(`AFTERWRITE_STACK: ${name} is no port`)
  }
  for (const name of texts) {
    if (typeof settings[name] !== 'string') throw new Error(`AFTERWRITE_STACK: ${name} is no text`)
  }
  return settings
}

export const settings = read()

export const plcUrl = `http://localhost:${settings.plcPort}`
export const pdsUrl = `http://localhost:${settings.pdsPort}`
export const appviewUrl = `http://localhost:${settings.appviewPort}`

/** The App View's DID: of its address alone, so that the PDS knows it before the App View runs, and after each restart. */
export const appviewDid = `did:web:localhost%3A${settings.appviewPort}`

/** Handles that need no DNS. */
export const handleDomains = ['.test', '.example']

function versionOf(name) {
  return JSON.parse(readFileSync(new URL(`./node_modules/${name}/package.json`, import.meta.url), 'utf8')).version
}

/** Says, on a line of its own, that this process serves now, and what it is made of. */
export function ready(packages) {
  const versions = Object.fromEntries(packages.map((name) => [name, versionOf(name)]))
  process.stdout.write(`READY ${JSON.stringify({ node: process.version, versions })}\n`)
}

// A server that goes on half-broken would make everything after it a riddle.
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error) => {
    console.error(event, error)
    process.exit(1)
  })
}
