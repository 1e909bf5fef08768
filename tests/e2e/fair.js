/*
 * fair.js: who says very much at once does not keep the others waiting.
 *
 * The server is stopped (SIGSTOP) until a thousand of one person's edits, and one of another's, wait in its sockets. Then the revision
 * that the other's edit makes tells how much of the flood was handled before it, on any machine, however slow.
 */
'use strict';

const assert = require('node:assert');
const path = require('node:path');
const {Host, eventually, run, scratch} = require('./host.js');
const {Peer} = require('./peer.js');

const FLOOD = 1000; /* edits: less than 16 KiB, so that those of one frame are one record of TLS, and there all at once */
const MAY_BE_FIRST = 200; /* of them: a few turns' worth, and far from all */

async function come(host, name) {
	const peer = new Peer({url: host.invite('demo', 'owner'), codec: 'binary', name});
	await peer.connect();
	return peer;
}

/* What the peer says meanwhile leaves in one frame. */
function together(peer, say) {
	const {ws} = peer, send = ws.send, frames = [];
	ws.send = frame => frames.push(frame);
	say();
	ws.send = send;
	peer.sendRaw(Buffer.concat(frames));
}

const flood = doc => {
	for (let i = 0; i < FLOOD; i++)
		doc.insert(0, 'x');
};

async function another(host, ada, ben, docs, say) {
	const before = docs.ben.rev;
	host.child.kill('SIGSTOP');
	say(() => flood(docs.ada));
	docs.ben.insert(0, 'b');
	await eventually(() => ben.ws.bufferedAmount === 0, 'all of Ben\'s bytes are with the kernel');
	host.child.kill('SIGCONT');
	let rev = 0;
	await ben.until(() => (rev ||= docs.ben.recent.find(edit => edit.user === ben.user && edit.rev > before)?.rev ?? 0), 'Ben\'s edit');
	assert.ok(rev - before <= MAY_BE_FIRST, `${rev - before - 1} edits of the flood came first`);
	await ada.until(() => docs.ada.inStep(), 'the end of the flood');
	await ben.until(() => docs.ben.rev === docs.ada.rev, 'all of it');
	assert.equal(docs.ben.toString(), docs.ada.toString());
}

run(async () => {
	const stage = scratch();
	const host = await Host.start({rooms: path.join(stage, 'rooms'), state: path.join(stage, 'state'),
		args: ['--durability', 'memory', '--max-edits', '1000000']});
	host.ended.then(status => assert.equal(status, 0, host.words));
	const ada = await come(host, 'Ada'), ben = await come(host, 'Ben');
	const docs = {ada: await ada.open('notes.txt', true), ben: await ben.open('notes.txt')};
	await another(host, ada, ben, docs, say => say());
	await another(host, ada, ben, docs, say => together(ada, say));
	await ada.close();
	await ben.close();
	assert.equal(await host.stop(), 0);
});
