/*
 * liar.js STATE URL: stands between a client and the server of URL, with the server's own key (from its state folder), and changes a
 * letter on the way. Says the port where it listens, and obeys lines:
 *
 *	swap Q X	every Q in an edit of somebody else's becomes an X; answers true
 *	check		the proof that the server sends twice a minute, now: of the text as the server has it; answers its revision
 *	count		what the server's /metrics say of codecollab_diverged_total
 *
 * It knows the server's text from what comes over the wire, so only as long as its client has no edits of its own.
 */
'use strict';

const fs = require('node:fs');
const https = require('node:https');
const path = require('node:path');
const readline = require('node:readline');
const {WebSocketServer} = require('ws');
const {Text} = require('./ot.js');
const {parseUrl, upgrade} = require('./peer.js');
const {binary, putStr, putUint} = require('./wire.js');

const [state, joinUrl] = process.argv.slice(2), url = parseUrl(joinUrl);
const server = https.createServer({
	key: fs.readFileSync(path.join(state, 'key.pem')), cert: fs.readFileSync(path.join(state, 'cert.pem')),
});
let near, swap, truth;

const watched = {
	opened(m) {
		truth = {doc: m.doc, rev: m.rev, text: new Text(m.text)};
	},
	edit(m) {
		truth.text.apply(m.op);
		truth.rev = m.rev;
	},
};

/* The frame that the client gets instead. */
function falsified(frame) {
	let edits = false;
	for (const message of binary.decode(frame, true)) {
		watched[message.t]?.(message);
		edits ||= message.t === 'edit';
	}
	return edits && swap ? Buffer.from(frame.map(byte => (byte === swap[0] ? swap[1] : byte))) : frame;
}

function checkFrame({doc, rev, text}) {
	const fields = [];
	[81, doc, rev].forEach(n => putUint(fields, n));
	putStr(fields, text.hash());
	return Buffer.from([fields.length, ...fields]);
}

async function carry(client, request) {
	const early = [], keep = frame => early.push(frame);
	client.on('message', keep);
	const far = await upgrade(url, {
		subprotocols: [binary.subprotocol], headers: {authorization: request.headers.authorization},
	});
	near = client;
	client.off('message', keep);
	client.on('message', frame => far.send(frame));
	early.forEach(frame => far.send(frame));
	far.on('message', frame => client.send(falsified(frame)));
	client.on('close', () => far.close());
	far.on('close', () => client.close());
}

function metrics() {
	return new Promise((resolve, reject) => https.get(
		{host: url.host, port: url.port, path: '/metrics', rejectUnauthorized: false, agent: false},
		response => {
			let body = '';
			response.on('data', data => (body += data));
			response.on('end', () => resolve(body));
		}).on('error', reject));
}

const commands = {
	swap(from, to) {
		swap = [from.charCodeAt(0), to.charCodeAt(0)];
		return true;
	},
	check() {
		swap = null;
		near.send(checkFrame(truth));
		return truth.rev;
	},
	async count() {
		return (await metrics()).match(/^codecollab_diverged_total (\d+)$/m)[1];
	},
};

new WebSocketServer({server, perMessageDeflate: false, handleProtocols: () => binary.subprotocol}).on('connection', carry);
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
readline.createInterface({input: process.stdin})
	.on('line', async line => {
		const [word, ...rest] = line.split(' ');
		console.log(await commands[word](...rest));
	})
	.on('close', () => process.exit(0));
