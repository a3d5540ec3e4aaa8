// Where the App View was in the firehose, kept over its restarts. The test network's App View begins at the beginning each
// time, and would show for a while what was overwritten or deleted long ago; Bluesky's own goes on where it was.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
// The lock puts the one that the App View uses where we find it too.
import { MemoryRunner } from '@atproto/sync'
import { settings } from './settings.mjs'

const file = join(settings.folder, 'firehose-cursor')

function kept() {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error.code === 'ENOENT') return 0
    throw error
  }
}

/** Whole or not at all, whenever we are killed. The runner calls it once everything up to there is indexed. */
function keep(cursor) {
  writeFileSync(`${file}.new`, String(cursor))
  renameSync(`${file}.new`, file)
}

const { trackEvent } = MemoryRunner.prototype
const begin = kept()

MemoryRunner.prototype.getCursor = function () {
  return Math.max(this.cursor ?? 0, begin)
}
MemoryRunner.prototype.trackEvent = function (...event) {
  this.opts.setCursor = keep
  return trackEvent.apply(this, event)
}
