/*
 * host.js: the real server, started for one test in a folder of its own, which goes with it.
 *
 *	const stage = scratch();  const file = path.join(stage, 'a.txt');
 *	const host = await Host.start({file, state: path.join(stage, 'state')});
 *	host.editor, host.viewer, host.owner		join URLs
 *	await host.stop();				exit status, after SIGTERM
 *
 *	const many = await Host.start({rooms: path.join(stage, 'rooms'), state});
 *	many.invite('demo', 'owner')			a join URL, by `codecollab invite`
 *
 * The program is $CODECOLLAB. Whatever it says on standard error is shown when the test fails.
 */
'use strict';

const {execFileSync, spawn} = require('node:child_process');
const {once} = require('node:events');
const crypto = require('node:crypto');
const fs = require('node:fs');
const https = require('node:https');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');
const {DEADLINE_MS} = require('./peer.js');

const running = new Set(), all = [];

function scratch() {
	const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'codecollab-e2e-'));
	process.on('exit', () => fs.rmSync(dir, {recursive: true, force: true}));
	return dir;
}

class Host {
	/* Resolves when it listens; rejects with its standard error when it ends before that. */
	static start({file, rooms, state, listen = '127.0.0.1:0', args = [], env = {}}) {
		const host = new Host();
		const what = rooms ? ['--rooms', rooms] : [file];
		const argv = ['host', ...what, '--headless', '--json', '--listen', listen, '--state', state, ...args];
		host.child = spawn(process.env.CODECOLLAB ?? 'codecollab', argv,
			{stdio: ['ignore', 'pipe', 'pipe'], env: {...process.env, ...env}});
		host.words = '';
		host.state = state;
		running.add(host);
		all.push(host);
		host.child.stderr.on('data', data => (host.words += data));
		host.ended = new Promise(resolve => host.child.on('close', (code, signal) => {
			running.delete(host);
			host.status = code ?? signal;
			resolve(host.status);
		}));
		return host.#listening();
	}

	#listening() {
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => reject(new Error(`not listening: ${this.words}`)), DEADLINE_MS);
			this.child.on('error', reject);
			this.ended.then(status => reject(new Error(`ended with ${status}: ${this.words}`)));
			readline.createInterface({input: this.child.stdout}).once('line', line => {
				clearTimeout(timer);
				resolve(Object.assign(this, JSON.parse(line)));
			});
		});
	}

	/* Waits until it has said that on standard error. */
	async says(pattern) {
		const signal = AbortSignal.timeout(DEADLINE_MS);
		while (!pattern.test(this.words))
			await once(this.child.stderr, 'data', {signal});
	}

	/* A page of plain HTTP: {status, body}. */
	get(where) {
		return new Promise((resolve, reject) => {
			const url = {host: '127.0.0.1', port: this.port, path: where, rejectUnauthorized: false, agent: false};
			https.get(url, response => {
				let body = '';
				response.on('data', data => (body += data));
				response.on('end', () => resolve({status: response.statusCode, body}));
			}).on('error', reject);
		});
	}

	invite(room, role = 'editor', ...args) {
		return invite(this.state, '--room', room, '--role', role, ...args);
	}

	async stop(signal = 'SIGTERM') {
		this.child.kill(signal);
		return this.ended;
	}
}

/* What `codecollab invite` prints for this state folder. */
function invite(state, ...args) {
	return execFileSync(process.env.CODECOLLAB ?? 'codecollab', ['invite', '--state', state, ...args],
		{encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']}).trim();
}

/* A JWT signed as the server signs: HS256 with the 32 bytes of DIR/secret. */
function mint(state, claims) {
	const part = value => Buffer.from(JSON.stringify(value)).toString('base64url');
	const signed = `${part({alg: 'HS256', typ: 'JWT'})}.${part(claims)}`;
	const secret = fs.readFileSync(path.join(state, 'secret'));
	return `${signed}.${crypto.createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/* Waits for a condition on the world outside this process, which cannot call us. */
function eventually(condition, what) {
	const end = Date.now() + DEADLINE_MS;
	return new Promise((resolve, reject) => {
		const look = () => {
			if (condition())
				return resolve();
			if (Date.now() > end)
				return reject(new Error(`never: ${what}`));
			setTimeout(look, 10);
		};
		look();
	});
}

/* Runs a test to its end: status 0 or 1, servers ended, what they said shown after a failure. */
async function run(test) {
	let status = 0;
	try {
		await test();
	} catch (error) {
		status = 1;
		console.error(error);
		all.forEach(host => console.error(`--- a server, ${host.status ?? 'running'}:\n${host.words}`));
	}
	running.forEach(host => host.child.kill('SIGKILL'));
	process.exit(status);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
	process.on(signal, () => {
		running.forEach(host => host.child.kill('SIGKILL'));
		process.exit(1);
	});

/* A promise nobody waits for yet may fail first: the test has failed then. */
process.on('unhandledRejection', error => run(() => Promise.reject(error)));

module.exports = {Host, eventually, invite, mint, run, scratch};
