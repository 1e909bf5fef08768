/*
 * durability.js: what it costs to be sure: the time from `edit` to its `ack` for one writer who waits for each, by --durability.
 *
 *	CODECOLLAB=build/codecollab node durability.js [EDITS]
 *	edit_ack durability=disk edits=500 p50=4.31 p90=6.02 p99=11.90
 *
 * Milliseconds, over wss on loopback, in a folder of $TMPDIR: point that at the disk that is meant. The client's part is node's.
 */
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const {Host, run, scratch} = require('../e2e/host.js');
const {Peer} = require('../e2e/peer.js');

const EDITS = Number(process.argv[2] ?? 500);

async function measure(durability) {
	const stage = scratch(), file = path.join(stage, 'a.txt'), times = [];
	fs.writeFileSync(file, '');
	const host = await Host.start({file, state: path.join(stage, 'state'), args: ['--durability', durability]});
	const peer = new Peer({url: host.editor, name: 'Ada', codec: 'binary'});
	await peer.connect();
	const doc = await peer.open();
	for (let i = 0; i < EDITS; i++) {
		const acked = new Promise(resolve => {
			const look = m => m.t === 'ack' && (peer.off('message', look), resolve());
			peer.on('message', look);
		});
		const began = performance.now();
		doc.insert(i, 'x');
		await acked;
		times.push(performance.now() - began);
	}
	times.sort((a, b) => a - b);
	const at = part => times[Math.floor((times.length - 1) * part)].toFixed(2);
	console.log(`edit_ack durability=${durability} edits=${EDITS} p50=${at(.5)} p90=${at(.9)} p99=${at(.99)}`);
	await peer.close();
	await host.stop();
}

run(async () => {
	for (const durability of ['disk', 'process', 'memory'])
		await measure(durability);
});
