// The PLC directory and the PDS, in one process. What they know lies in PostgreSQL (PLC) and in `folder` (PDS), so that
// they can be killed and started again.
import './loopback.mjs'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TestPds, TestPlc, mockNetworkUtilities } from '@atproto/dev-env'
import { Database } from '@did-plc/server'
import { appviewDid, appviewUrl, handleDomains, plcUrl, ready, settings } from './settings.mjs'

/** The PDS's own, made once: accounts and logins are worth nothing to a PDS with other keys. */
function secrets() {
  const file = join(settings.folder, 'pds-secrets.json')
  if (!existsSync(file)) {
    const random = () => randomBytes(32).toString('hex')
    const made = { plcRotationKeyK256PrivateKeyHex: random(), adminPassword: random(), jwtSecret: random() }
    writeFileSync(file, JSON.stringify(made), { mode: 0o600 })
  }
  return JSON.parse(readFileSync(file, 'utf8'))
}

const directory = Database.postgres({ url: settings.postgresUrl, schema: 'plc' })
await directory.migrateToLatestOrThrow()
await TestPlc.create({ port: settings.plcPort, db: directory })

const data = join(settings.folder, 'pds')
mkdirSync(data, { recursive: true, mode: 0o700 })
const pds = await TestPds.create({
  port: settings.pdsPort,
  hostname: 'localhost',
  didPlcUrl: plcUrl,
  dataDirectory: data,
  blobstoreDiskLocation: join(settings.folder, 'blobs'),
  serviceHandleDomains: handleDomains,
  bskyAppViewUrl: appviewUrl,
  bskyAppViewDid: appviewDid,
  enableDidDocWithSession: true,
  ...secrets(),
})
mockNetworkUtilities(pds)

ready(['@atproto/pds', '@did-plc/server'])
