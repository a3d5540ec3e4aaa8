// bsync and the App View, in one process. What they know lies in PostgreSQL, in schemas that stay the same, so that they
// can be killed and started again. The App View subscribes to the PDS's firehose at `firehosePort`.
import './loopback.mjs'
import './cursor.mjs'
import { setTimeout as pause } from 'node:timers/promises'
import { EXAMPLE_LABELER, TestBsky, TestBsync, mockResolvers } from '@atproto/dev-env'
import { appviewDid, appviewUrl, handleDomains, pdsUrl, plcUrl, ready, settings } from './settings.mjs'

// Both processes are started at once, and importing the packages takes the most of a start. Whoever waits for us has the
// deadline.
async function answers(url) {
  for (;; await pause(20)) {
    try {
      const answer = await fetch(url)
      await answer.arrayBuffer()
      if (answer.ok) return
    } catch {
      // not yet
    }
  }
}

const apiKey = 'bsync-api-key'
const bsync = await TestBsync.create({ apiKeys: [apiKey], dbUrl: settings.postgresUrl, dbSchema: 'bsync' })

await answers(`${plcUrl}/_health`)
// A subscription that finds no PDS tries again after seconds.
await answers(`${pdsUrl}/xrpc/_health`)

const appview = await TestBsky.create({
  port: settings.appviewPort,
  publicUrl: appviewUrl,
  serverDid: appviewDid,
  plcUrl,
  bsyncUrl: bsync.url,
  bsyncApiKey: apiKey,
  repoProvider: `ws://127.0.0.1:${settings.firehosePort}`,
  dbPostgresUrl: settings.postgresUrl,
  dbPostgresSchema: 'appview',
  modServiceDid: 'did:example:moderation',
  labelsFromIssuerDids: [EXAMPLE_LABELER],
  rolodexIgnoreBadTls: true,
})
bsync.ctx.dataplaneClients = [appview.ctx.dataplane]

// Handles are resolved at the PDS instead of DNS. It is another process; this is all that is asked of it.
const pds = {
  url: pdsUrl,
  port: settings.pdsPort,
  ctx: { cfg: { service: { publicUrl: pdsUrl }, identity: { serviceHandleDomains: handleDomains } } },
}
mockResolvers(appview.ctx.idResolver, pds)
mockResolvers(appview.dataplane.idResolver, pds)

ready(['@atproto/bsky', '@atproto/bsync', '@atproto/dev-env'])
