/*
 * issuer.js: tokens that somebody else signs, here node's crypto with ES256 and EdDSA (the algorithms and claims that npm's jose
 * writes too, which is not needed to run this), and every forgery of them.
 */
'use strict';

const assert = require('node:assert');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const {Peer, parseUrl} = require('./peer.js');
const {Host, mint, run, scratch} = require('./host.js');

const part = value => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

const kinds = {
	ES256: {
		pair: () => crypto.generateKeyPairSync('ec', {namedCurve: 'P-256'}),
		sign: (key, text) => crypto.sign('sha256', Buffer.from(text), {key, dsaEncoding: 'ieee-p1363'}),
	},
	EdDSA: {
		pair: () => crypto.generateKeyPairSync('ed25519'),
		sign: (key, text) => crypto.sign(null, Buffer.from(text), key),
	},
};

function signed(alg, key, claims, header = {alg, typ: 'JWT'}) {
	const text = `${part(header)}.${part(claims)}`;
	return `${text}.${kinds[alg].sign(key, text).toString('base64url')}`;
}

function hmac(secret, claims, header = {alg: 'HS256', typ: 'JWT'}) {
	const text = `${part(header)}.${part(claims)}`;
	return `${text}.${crypto.createHmac('sha256', secret).update(text).digest('base64url')}`;
}

async function knock(host, token) {
	const peer = new Peer({url: {...parseUrl(host.editor), token}, codec: 'json', name: 'ignored'});
	try {
		await peer.connect();
	} catch (error) {
		if (error.status)
			return error.status;
		throw error;
	}
	const {role} = peer, {name} = peer.people.get(peer.user);
	await peer.close();
	return `${role} ${name}`;
}

async function matrix(host, state, alg, pair, text) {
	const now = Math.floor(Date.now() / 1000);
	const claims = {aud: 'codecollab', room: host.room, role: 'viewer', sub: 'ada@example.org', name: 'Ada', iat: now, exp: now + 600, jti: `school-${alg}`};
	const token = (change, header) => signed(alg, pair.privateKey, {...claims, ...change}, header);
	const good = token({}), other = kinds[alg].pair().privateKey, [head, body, signature] = good.split('.');
	const otherAlg = alg === 'ES256' ? 'EdDSA' : 'ES256';
	const spki = pair.publicKey.export({type: 'spki', format: 'der'});
	const cases = [
		['a good one', good, 'viewer Ada'],
		['an editor', token({role: 'editor'}), 'editor Ada'],
		['all rooms', token({room: '*'}), 'viewer Ada'],
		['a kid', token({}, {alg, kid: 'any'}), 'viewer Ada'],
		['our own secret still', mint(state, claims), 'viewer Ada'],
		['alg none', `${part({alg: 'none'})}.${body}.`, 401],
		['alg none with the signature', `${part({alg: 'none'})}.${body}.${signature}`, 401],
		['HS256 with the text of the public key', hmac(text, claims), 401],
		['the same without its last newline', hmac(text.trimEnd(), claims), 401],
		['HS256 with the DER of the public key', hmac(spki, claims), 401],
		['HS256 with the end of the DER', hmac(spki.subarray(-32), claims), 401],
		['HS256 with nothing', hmac('', claims), 401],
		['HS256 in the header only', token({}, {alg: 'HS256'}), 401],
		['the other algorithm in the header', token({}, {alg: otherAlg}), 401],
		['another key', signed(alg, other, claims), 401],
		['other claims', `${head}.${part({...claims, role: 'owner'})}.${signature}`, 401],
		['no signature', `${head}.${body}.`, 401],
		['a signature of zeros', `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`, 401],
		['crit', token({}, {alg, crit: ['exp'], exp: 1}), 401],
		['another audience', token({aud: 'somebody-else'}), 401],
		['another room', token({room: 'another-room'}), 403],
		['expired', token({exp: now - 1}), 401],
		['no exp', token({exp: undefined}), 401],
		['not yet', token({nbf: now + 3600}), 401],
		['no role', token({role: undefined}), 401],
		['truncated', good.slice(0, -1), 401],
		['two parts', `${head}.${body}`, 401],
		['four parts', `${good}.${signature}`, 401],
		['oversized', token({padding: 'x'.repeat(2048)}), 401],
		['a claim twice', signed(alg, pair.privateKey, JSON.stringify(claims).replace('{', '{"role":"owner",')), 401],
		['an alg twice', signed(alg, pair.privateKey, claims, `{"alg":"${alg}","alg":"none"}`), 401],
	];
	if (alg === 'ES256') {
		const der = crypto.sign('sha256', Buffer.from(`${head}.${body}`), pair.privateKey);
		cases.push(['a signature in DER', `${head}.${body}.${der.toString('base64url')}`, 401]);
	}
	for (const [what, one, expected] of cases)
		assert.equal(await knock(host, one), expected, `${alg}, ${what}`);
	return cases.length;
}

/* A guest of the issuer is banned by the id of their token, with a jti or without. */
async function bans(host, alg, key) {
	const exp = Math.floor(Date.now() / 1000) + 600;
	for (const jti of ['school-1', undefined]) {
		const token = signed(alg, key, {aud: 'codecollab', room: host.room, role: 'editor', name: 'Guest', exp, jti});
		const owner = new Peer({url: host.owner, codec: 'json', name: 'Owner'});
		const guest = new Peer({url: {...parseUrl(host.editor), token}, codec: 'json', name: ''});
		await owner.connect();
		await guest.connect();
		owner.send({t: 'admin', do: 'ban', user: guest.user, arg: ''});
		await guest.until(() => guest.closed, 'the close');
		assert.equal(await knock(host, token), 403);
		await owner.close();
	}
}

async function issuers() {
	let count = 0;
	for (const [alg, form] of [['ES256', 'pem'], ['ES256', 'jwk'], ['EdDSA', 'pem'], ['EdDSA', 'jwk']]) {
		const stage = scratch(), file = path.join(stage, 'a.txt'), state = path.join(stage, 'state');
		const pair = kinds[alg].pair(), keyFile = path.join(stage, 'issuer');
		const text = form === 'pem' ? pair.publicKey.export({type: 'spki', format: 'pem'})
			: JSON.stringify(pair.publicKey.export({format: 'jwk'}));
		fs.writeFileSync(file, 'one\n');
		fs.writeFileSync(keyFile, text);
		const host = await Host.start({file, state, args: ['--jwt-key', keyFile]});
		count += await matrix(host, state, alg, pair, text);
		await bans(host, alg, pair.privateKey);
		assert.equal(await host.stop(), 0, host.words);
		fs.writeFileSync(keyFile, pair.privateKey.export({type: 'pkcs8', format: 'pem'}));
		await assert.rejects(Host.start({file, state, args: ['--jwt-key', keyFile]}), /private key/);
	}
	console.log(`${count} tokens judged`);
}

run(issuers);
