/*
 * jose.js: the tokens of tests/vectors/tokens.jsonl, which another implementation made, at the door of a real server over wss.
 *
 *	node jose.js TOKENS.jsonl
 *
 * A server for each key: with HS256's as its own secret, with the public one of the others as --jwt-key.
 */
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const {Peer, parseUrl, upgrade} = require('./peer.js');
const {Host, run, scratch} = require('./host.js');

const STATUS = {good: 101, malformed: 401, forged: 401, foreign: 401, expired: 401, early: 401, 'other-room': 403};
const codecs = ['json', 'binary'];

function hosting({key, room, jwk}) {
	const stage = scratch(), file = path.join(stage, 'a.txt'), state = path.join(stage, 'state'), args = ['--room', room];
	fs.writeFileSync(file, 'one\n');
	fs.mkdirSync(state, {mode: 0o700});
	if (key === 'HS256') {
		fs.writeFileSync(path.join(state, 'secret'), Buffer.from(jwk.k, 'base64url'), {mode: 0o600});
	} else {
		fs.writeFileSync(path.join(stage, 'issuer'), JSON.stringify(jwk));
		args.push('--jwt-key', path.join(stage, 'issuer'));
	}
	return Host.start({file, state, args});
}

/* Comes in, or not; as a viewer if so, by header and as a browser does. */
async function judged(host, row, i) {
	const url = {...parseUrl(host.editor), token: row.token}, codec = codecs[i % 2];
	const peer = new Peer({url, codec, name: 'ignored'});
	try {
		await peer.connect();
	} catch (error) {
		assert.ok(error.status, `${row.alg}, ${row.what}: ${error}`);
		return error.status;
	}
	assert.deepEqual([peer.role, peer.people.get(peer.user).name], ['viewer', 'Zoë 字'], row.what);
	await peer.close();
	const ws = await upgrade(url, {subprotocols: ['codecollab.v1.json', `bearer.${row.token}`], headers: {}});
	ws.terminate();
	return 101;
}

async function main() {
	const rows = fs.readFileSync(process.argv[2], 'utf8').trim().split('\n').map(JSON.parse);
	let count = 0;
	for (const key of rows.filter(row => row.key)) {
		const host = await hosting(key);
		for (const [i, row] of rows.filter(({alg}) => alg === key.key).entries()) {
			if (row.token.includes('\n')) // no header can hold it
				continue;
			assert.equal(await judged(host, row, i), STATUS[row.verdict], `${row.alg}, ${row.what}`);
			count++;
		}
		assert.equal(await host.stop(), 0, host.words);
	}
	assert.ok(count > 150);
	console.log(`${count} tokens judged`);
}

run(main);
