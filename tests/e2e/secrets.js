/*
 * secrets.js: tokens, sessions and keys, looked for where they must not be: logs, metrics, refusals, arguments and environments of
 * processes, names of files, core files.
 */
'use strict';

const assert = require('node:assert');
const {spawn} = require('node:child_process');
const fs = require('node:fs');
const https = require('node:https');
const path = require('node:path');
const {Peer, parseUrl} = require('./peer.js');
const {Host, eventually, mint, run, scratch} = require('./host.js');

const program = process.env.CODECOLLAB ?? 'codecollab';

function get(host, where) {
	return new Promise((resolve, reject) => {
		https.get({host: '127.0.0.1', port: host.port, path: where, rejectUnauthorized: false}, response => {
			let all = JSON.stringify(response.headers);
			response.on('data', data => (all += data));
			response.on('end', () => resolve(all));
		}).on('error', reject);
	});
}

/* Whole and in parts, in the forms that somebody may have printed them. */
function forms(secret) {
	if (typeof secret === 'string')
		return [secret, ...secret.split('.').slice(1)].filter(text => text.length > 10);
	return ['latin1', 'hex', 'base64', 'base64url'].flatMap(form => [secret.toString(form), secret.toString(form).toUpperCase()]);
}

/* What of a process or thread can be read, which may end meanwhile. */
function alive(look, otherwise) {
	try {
		return look();
	} catch (error) {
		if (!['ENOENT', 'ESRCH'].includes(error.code))
			throw error;
		return otherwise;
	}
}

const words = file => alive(() => fs.readFileSync(file, 'latin1'), '');

/* A process and all that it started. */
function family(pid) {
	const children = alive(() => fs.readdirSync(`/proc/${pid}/task`), [])
		.flatMap(task => words(`/proc/${pid}/task/${task}/children`).trim().split(' ').filter(Boolean));
	return [pid, ...children.flatMap(family)];
}

const seen = pid => family(pid).flatMap(one => ['cmdline', 'environ', 'comm'].map(file => words(`/proc/${one}/${file}`)));

const names = dir => fs.readdirSync(dir, {withFileTypes: true})
	.flatMap(entry => [entry.name, ...(entry.isDirectory() ? names(path.join(dir, entry.name)) : [])]);

const modes = dir => fs.readdirSync(dir, {withFileTypes: true}).flatMap(entry => {
	const at = path.join(dir, entry.name);
	return [[at, fs.lstatSync(at).mode & 0o077], ...(entry.isDirectory() ? modes(at) : [])];
});

/* The program is watched in a sanitizer's build, which must be able to look into itself. */
function keepsNoCore(pid) {
	if (fs.readFileSync(program).includes('__asan_init'))
		return;
	assert.match(fs.readFileSync(`/proc/${pid}/limits`, 'latin1'), /^Max core file size +0 +0 /m);
}

async function live(host, state, tokens) {
	const owner = new Peer({url: host.owner, codec: 'json', name: 'Owner'}), urls = [];
	owner.on('message', m => m.t === 'invited' && urls.push(m.url));
	await owner.connect();
	const doc = await owner.open();
	doc.insert(0, 'x');
	owner.send({t: 'admin', do: 'invite', user: 0, arg: 'viewer 2h Guest'});
	await owner.until(() => urls.length, 'the invitation');
	const guest = new Peer({url: urls[0], codec: 'binary', name: 'Guest'});
	await guest.connect();
	tokens.push(parseUrl(urls[0]).token, owner.session, guest.session);
	guest.sendRaw(Buffer.from([0x80])); // a broken frame
	await guest.until(() => guest.closed, 'the close');
	for (const token of [`${guest.url.token}x`, mint(state, {aud: 'codecollab', room: host.room, role: 'owner', exp: 1})]) {
		tokens.push(token);
		await assert.rejects(new Peer({url: {...guest.url, token}, codec: 'json', name: 'x'}).connect(), {status: 401});
	}
	await guest.connect(); // resumes
	owner.send({t: 'admin', do: 'ban', user: guest.user, arg: ''});
	await guest.until(() => guest.closed, 'the end of the ban');
	await assert.rejects(guest.connect(), {status: 403});
	return owner;
}

/* An editor without a terminal ends soon; until then, and in its words, no token. */
async function joining(host, state, tokens) {
	const child = spawn(program, ['join', host.editor], {stdio: ['pipe', 'pipe', 'pipe'], env: {...process.env, XDG_STATE_HOME: state, TERM: 'xterm'}});
	let said = '';
	child.stdout.on('data', data => (said += data));
	child.stderr.on('data', data => (said += data));
	const ended = new Promise(resolve => child.on('close', resolve));
	const token = parseUrl(host.editor).token;
	await eventually(() => child.exitCode !== null || !words(`/proc/${child.pid}/cmdline`).includes(token),
		'the token gone from the arguments');
	const texts = child.exitCode === null ? seen(child.pid) : [];
	child.kill();
	await ended;
	return [...texts, said];
}

async function main() {
	const stage = scratch(), file = path.join(stage, 'a.txt'), state = path.join(stage, 'state'), log = path.join(stage, 'log');
	fs.writeFileSync(file, 'one\n');
	const host = await Host.start({file, state, args: ['--log', log]});
	const tokens = ['owner', 'editor', 'viewer'].map(role => parseUrl(host[role]).token);
	const owner = await live(host, state, tokens);
	const places = [...seen(host.child.pid), ...await joining(host, stage, tokens)];
	keepsNoCore(host.child.pid);
	for (const where of ['/metrics', '/healthz', '/', `/${host.room}`, `/${host.room}?token=${tokens[0]}`])
		places.push(await get(host, where));
	host.child.kill('SIGHUP');
	await eventually(() => /event=reload/.test(fs.readFileSync(log, 'utf8')), 'the reload');
	await owner.close();
	assert.equal(await host.stop(), 0, host.words);
	places.push(host.words, fs.readFileSync(log, 'latin1'), ...names(stage));

	const keys = fs.readdirSync(state).filter(name => /secret|key/.test(name)).map(name => fs.readFileSync(path.join(state, name)));
	const pems = keys.filter(key => key.includes('PRIVATE KEY')).map(key => key.toString().split('\n')[1]);
	assert.ok(keys.length >= 2 && pems.length >= 1, 'a secret and a key');
	const secrets = [...tokens, ...keys, ...pems].flatMap(forms);
	assert.ok(secrets.length > 20 && places.length > 10 && places.join('').includes('event=admin'));
	for (const secret of secrets)
		assert.ok(!places.some(text => text.includes(secret)), `${secret} in ${places.find(text => text.includes(secret))}`);
	assert.deepEqual(modes(state).filter(([, mode]) => mode !== 0), []);
	assert.equal(fs.statSync(log).mode & 0o077, 0);
	console.log(`${secrets.length} forms of secrets in none of ${places.length} places`);
}

run(main);
