/*
 * tokens.js: made tokens.jsonl, with jose 4.11 (Debian: node-jose). Not run by the tests, which read what it wrote:
 *
 *	NODE_PATH=/usr/share/nodejs node tests/vectors/tokens.js > tests/vectors/tokens.jsonl
 *
 * Good tokens come from jose alone. The forgeries that jose would not write are put together from its parts.
 */
'use strict';

const crypto = require('node:crypto');
const jose = require('jose');

const AUD = 'codecollab', ROOM = 'quiet-otter', JTI = 'from-elsewhere';
const PAST = 1000000000, MADE = 1700000000, FUTURE = 4102444800; // 2001, 2023, 2100
const CLAIMS = {room: ROOM, role: 'viewer', name: 'Zoë 字'};

const rows = [];
const put = row => rows.push(JSON.stringify(row));
const part = value => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

function jwt(claims = {}, {aud = AUD, exp = FUTURE, nbf} = {}) {
	const made = new jose.SignJWT({...CLAIMS, ...claims}).setSubject('zoe@example.org').setIssuedAt(MADE).setJti(JTI);
	if (aud)
		made.setAudience(aud);
	if (exp)
		made.setExpirationTime(exp);
	if (nbf)
		made.setNotBefore(nbf);
	return made;
}

/* jose signs any bytes as a JWS, also those that are no good JSON. */
const raw = (text, alg, key) =>
	new jose.CompactSign(Buffer.from(text)).setProtectedHeader({alg, typ: 'JWT'}).sign(key);

/* A last character whose unused bits are not zero: the same bytes to a decoder that forgives. */
function sloppy(token) {
	const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
	const last = digits.indexOf(token.at(-1));
	const other = token.slice(0, -1) + digits[last ^ 1];
	const bytes = t => Buffer.from(t.split('.')[2], 'base64url').toString('hex');
	if (bytes(other) !== bytes(token))
		throw new Error('the last character has no unused bits');
	return other;
}

function half(signature) {
	const bytes = Buffer.from(signature, 'base64url');
	return bytes.subarray(0, bytes.length / 2).toString('base64url');
}

async function matrix(alg, key, other, publicTexts) {
	const sign = (made, header = {}, by = key) => made.setProtectedHeader({alg, ...header}).sign(by);
	const one = (what, verdict, token) => put({alg, what, verdict, token});
	const good = await sign(jwt(), {typ: 'JWT'}), [head, body, signature] = good.split('.');
	const text = JSON.stringify({...CLAIMS, aud: AUD, exp: FUTURE, jti: JTI});

	one('plain', 'good', await sign(jwt()));
	one('with typ', 'good', good);
	one('all rooms', 'good', await sign(jwt({room: '*'})));
	one('several audiences', 'good', await sign(jwt({}, {aud: ['other', AUD]})));
	one('claims of others', 'good', await sign(jwt({iss: 'https://school.example', groups: ['a', {b: null}], admin: true})));
	one('nbf in the past', 'good', await sign(jwt({}, {nbf: PAST})));

	one('no audience', 'foreign', await sign(jwt({}, {aud: null})));
	one('another audience', 'foreign', await sign(jwt({}, {aud: 'codecollab2'})));
	one('another room', 'other-room', await sign(jwt({room: 'loud-otter'})));
	one('expired', 'expired', await sign(jwt({}, {exp: PAST})));
	one('not yet', 'early', await sign(jwt({}, {nbf: FUTURE - 1})));
	one('no exp', 'malformed', await sign(jwt({}, {exp: null})));
	one('no role', 'malformed', await sign(jwt({role: undefined})));
	one('a role that is none', 'malformed', await sign(jwt({role: 'root'})));
	one('a list of roles', 'malformed', await sign(jwt({role: ['owner']})));
	one('no room', 'malformed', await sign(jwt({room: undefined})));
	one('crit', 'malformed', await new jose.SignJWT({...CLAIMS, aud: AUD, exp: FUTURE})
		.setProtectedHeader({alg, crit: ['urn:x'], 'urn:x': 1}).sign(key, {crit: {'urn:x': true}}));
	one('another typ', 'malformed', await sign(jwt(), {typ: 'at+jwt'}));
	one('exp as text', 'malformed', await raw(text.replace(String(FUTURE), `"${FUTURE}"`), alg, key));
	one('role twice', 'malformed', await raw(text.replace('{', '{"role":"owner",'), alg, key));
	one('role twice, escaped', 'malformed', await raw(text.replace('{', '{"r\\u006fle":"owner",'), alg, key));
	one('aud twice', 'malformed', await raw(text.replace('{', '{"aud":"other",'), alg, key));
	one('exp twice', 'malformed', await raw(text.replace('{', '{"exp":4102444801,'), alg, key));
	one('a list', 'malformed', await raw(`[${text}]`, alg, key));
	one('two objects', 'malformed', await raw(text + text, alg, key));
	one('no JSON', 'malformed', await raw('hello', alg, key));
	one('oversized', 'malformed', await sign(jwt({padding: 'x'.repeat(2048)})));

	one('another key', 'forged', await sign(jwt(), {}, other));
	one('another role under the signature', 'forged', [head, part(text.replace('viewer', 'owner')), signature].join('.'));
	one('another header under the signature', 'forged', [part({typ: 'JWT', alg}), body, signature].join('.'));
	one('no signature', 'forged', `${head}.${body}.`);
	one('alg none of jose', 'forged', new jose.UnsecuredJWT({...CLAIMS, aud: AUD, exp: FUTURE}).encode());
	for (const none of ['none', 'None', 'NONE', 'nOnE', ''])
		one(`alg ${JSON.stringify(none)} with the signature`, 'forged', `${part({alg: none})}.${body}.${signature}`);
	one('a signature of zeros', 'forged', `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`);
	one('half a signature', 'forged', `${head}.${body}.${half(signature)}`);
	for (const [what, bytes] of publicTexts) {
		const secret = crypto.createSecretKey(Buffer.from(bytes));
		one(`HS256 with ${what}`, 'forged', await jwt().setProtectedHeader({alg: 'HS256'}).sign(secret));
		const lying = part({alg}) + '.' + body;
		one(`${alg} said, HS256 with ${what} done`, 'forged', `${lying}.${crypto.createHmac('sha256', secret).update(lying).digest('base64url')}`);
	}

	one('padding', 'malformed', `${good}=`);
	one('unused bits', 'malformed', sloppy(good));
	one('plain base64', 'malformed', good.replace(/[-_]?$/, '+'));
	one('a line end', 'malformed', `${good}\n`);
	one('a blank', 'malformed', `${head} .${body}.${signature}`);
	one('truncated to two parts', 'malformed', `${head}.${body}`);
	one('truncated in the claims', 'malformed', `${head}.${body.slice(0, 20)}`);
	one('four parts', 'malformed', `${good}.${signature}`);
	one('empty parts', 'forged', '..');
	one('encrypted', 'malformed', await new jose.EncryptJWT({...CLAIMS, aud: AUD, exp: FUTURE})
		.setProtectedHeader({alg: 'dir', enc: 'A256GCM'}).encrypt(crypto.createHash('sha256').update('x').digest()));
}

async function main() {
	const secret = crypto.createSecretKey(crypto.createHash('sha256').update('a secret of 32 bytes').digest());
	put({key: 'HS256', room: ROOM, jwk: await jose.exportJWK(secret)});
	await matrix('HS256', secret, crypto.createSecretKey(crypto.createHash('sha256').update('another').digest()), []);
	for (const alg of ['ES256', 'EdDSA']) {
		const {publicKey, privateKey} = await jose.generateKeyPair(alg, {extractable: true});
		const other = await jose.generateKeyPair(alg);
		const spki = await jose.exportSPKI(publicKey), jwk = await jose.exportJWK(publicKey);
		put({key: alg, room: ROOM, jwk, spki});
		await matrix(alg, privateKey, other.privateKey, [
			['the PEM', spki], ['the PEM without its last line end', spki.trimEnd()],
			['the DER', publicKey.export({type: 'spki', format: 'der'})],
			['the JWK', JSON.stringify(jwk)], ['x', Buffer.from(jwk.x, 'base64url')],
		]);
	}
	console.log(rows.join('\n'));
}

main();
