/*
 * tls.js: the server's TLS as sslscan (Debian: sslscan) sees it: nothing below 1.2, no weak cipher, group or certificate.
 *
 * Exit status 77, skipped, where sslscan is not installed.
 */
'use strict';

const assert = require('node:assert');
const {spawnSync} = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const {Host, run, scratch} = require('./host.js');

/* Every element of that name, as its attributes. */
function elements(xml, name) {
	return [...xml.matchAll(new RegExp(`<${name}\\b([^>]*)>`, 'g'))].map(([, attributes]) =>
		Object.fromEntries([...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value])));
}

const content = (xml, name) => xml.match(new RegExp(`<${name}>(.*?)</${name}>`))[1];

function scan(host) {
	const {error, stdout} = spawnSync('sslscan', ['--no-colour', '--xml=-', `127.0.0.1:${host.port}`], {encoding: 'utf8'});
	if (error?.code === 'ENOENT')
		return null;
	assert.ifError(error);
	return stdout;
}

function judge(xml) {
	const enabled = elements(xml, 'protocol').filter(p => p.enabled === '1').map(p => `${p.type} ${p.version}`);
	assert.deepEqual(enabled, ['tls 1.2', 'tls 1.3']);
	assert.equal(elements(xml, 'protocol').length, 6, 'and the four others were tried');

	const ciphers = elements(xml, 'cipher');
	assert.ok(ciphers.length >= 6);
	for (const {cipher, bits, strength, sslversion} of ciphers) {
		assert.ok(['strong', 'acceptable'].includes(strength), `${cipher} is ${strength}`);
		assert.ok(Number(bits) >= 128, cipher);
		assert.match(cipher, sslversion === 'TLSv1.2' ? /^ECDHE-.*(GCM|POLY1305)/ : /^TLS_.*(GCM|POLY1305)/);
	}
	/* Offered one at a time: with 1.2 the group of the certificate must be among a client's (RFC 8422, 5.1). */
	const named = version => elements(xml, 'group').filter(g => g.sslversion === version).map(g => g.name).sort();
	assert.deepEqual(named('TLSv1.3'), ['secp256r1 (NIST P-256)', 'secp384r1 (NIST P-384)', 'x25519']);
	assert.deepEqual(named('TLSv1.2'), ['secp256r1 (NIST P-256)']);

	assert.deepEqual(elements(xml, 'renegotiation'), [{supported: '0', secure: '0'}]);
	assert.ok(elements(xml, 'compression').every(c => c.supported === '0'));
	assert.ok(elements(xml, 'heartbleed').every(h => h.vulnerable === '0'));

	assert.equal(content(xml, 'signature-algorithm'), 'ecdsa-with-SHA256');
	const [key] = elements(xml, 'pk');
	assert.deepEqual([key.type, key.curve_name, key.error], ['EC', 'prime256v1', 'false']);
	assert.equal(content(xml, 'expired'), 'false');
	assert.ok(Date.parse(content(xml, 'not-valid-before')) <= Date.now());
	return ciphers.length;
}

async function main() {
	const stage = scratch(), file = path.join(stage, 'a.txt');
	fs.writeFileSync(file, 'one\n');
	const host = await Host.start({file, state: path.join(stage, 'state')}), xml = scan(host);
	await host.stop();
	if (xml === null) {
		console.log('sslscan is not installed');
		process.exit(77);
	}
	console.log(`${judge(xml)} ciphers, all good`);
}

run(main);
