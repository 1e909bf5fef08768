/*
 * redis.js: a real Redis server for one test, in a folder of its own, on a free port of this machine; and servers that meet there.
 *
 *	const redis = await Redis.start(dir);		AOF on
 *	redis.url					for --backplane
 *	await redis.kill();  await redis.again();	kill -9, and the same data again
 *	await redis.command('FLUSHALL')
 *
 *	const cluster = await Cluster.start(stage);	three servers of one folder of rooms; {apart: true}: each has its own
 *	const url = cluster.invite('demo', 'owner');	good on each
 *	Cluster.at(url, cluster.hosts[1])		there
 *	const again = await cluster.kill(1);  await again();
 */
'use strict';

const {spawn} = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const {Host} = require('./host.js');

const running = new Set();
process.on('exit', () => running.forEach(child => child.kill('SIGKILL')));

function freePort() {
	return new Promise((resolve, reject) => {
		const server = net.createServer();
		server.on('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const {port} = server.address();
			server.close(() => resolve(port));
		});
	});
}

class Redis {
	static async start(dir, {lines = [], sentinel = false, port, password} = {}) {
		const redis = new Redis();
		fs.mkdirSync(dir, {recursive: true});
		redis.dir = dir;
		redis.port = port ?? await freePort();
		redis.sentinel = sentinel;
		redis.password = password; // of its own user, `default`
		redis.conf = path.join(dir, 'redis.conf');
		fs.writeFileSync(redis.conf, [`port ${redis.port}`, 'bind 127.0.0.1', `dir ${dir}`, 'save ""', 'daemonize no',
			...sentinel ? [] : ['appendonly yes'], ...password ? [`requirepass ${password}`] : [], ...lines, ''].join('\n'));
		await redis.again();
		return redis;
	}

	get url() {
		return `redis://127.0.0.1:${this.port}`;
	}

	async again() {
		this.child = spawn('redis-server', [this.conf, ...this.sentinel ? ['--sentinel'] : []], {stdio: 'ignore'});
		const {child} = this;
		running.add(child);
		this.ended = new Promise(resolve => child.on('close', () => {
			running.delete(child);
			resolve();
		}));
		for (let tries = 0; ; tries++) {
			try {
				if (await this.command('PING') === '+PONG')
					return;
			} catch (error) {
				if (tries > 600)
					throw error;
			}
			await new Promise(resolve => setTimeout(resolve, 50));
		}
	}

	kill(signal = 'SIGKILL') {
		this.child.kill(signal);
		return this.ended;
	}

	/* The first line of the answer. */
	async command(...words) {
		return (await this.#ask(words, '\r\n')).split('\r\n')[0];
	}

	/* All of it, when it is as long as the first line says, which is that of a string. */
	async string(...words) {
		return (await this.#ask(words, '\r\n')).split('\r\n')[1];
	}

	/* As one that servers have used before: they need not wait whether somebody knows more than it does. */
	async introduce() {
		await this.command('SET', 'codecollab:run', (await this.info('server')).match(/run_id:(\w+)/)[1]);
	}

	async info(section) {
		return this.#ask(['INFO', section], '\r\n\r\n');
	}

	#ask(words, end) {
		return new Promise((resolve, reject) => {
			const socket = net.connect(this.port, '127.0.0.1');
			let heard = '';
			socket.on('error', reject);
			socket.on('close', () => reject(new Error('closed')));
			let greeted = !this.password;
			socket.on('data', data => {
				heard += data;
				if (!greeted) {
					greeted = heard.startsWith('+OK\r\n');
					heard = heard.slice(5);
				}
				if (!heard.includes(end) && !(end.length > 2 && heard.length > 2000))
					return;
				resolve(heard);
				socket.destroy();
			});
			const line = all => `*${all.length}\r\n${all.map(w => `$${Buffer.byteLength(w)}\r\n${w}\r\n`).join('')}`;
			socket.write((this.password ? line(['AUTH', this.password]) : '') + line(words));
		});
	}
}

const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));

class Pair {
	static async start(dir) {
		const pair = new Pair();
		/* else one that was the master goes on as if it were, until it hears that it is not */
		const lines = ['min-replicas-to-write 1', 'min-replicas-max-lag 2', 'repl-diskless-sync-delay 0'];
		pair.master = await Redis.start(path.join(dir, 'one'), {lines});
		pair.replica = await Redis.start(path.join(dir, 'other'), {lines: [...lines, `replicaof 127.0.0.1 ${pair.master.port}`]});
		pair.sentinel = await Redis.start(path.join(dir, 'sentinel'), {sentinel: true, lines: [
			`sentinel monitor demo 127.0.0.1 ${pair.master.port} 1`, 'sentinel down-after-milliseconds demo 1000',
			'sentinel failover-timeout demo 3000']});
		pair.url = `redis+sentinel://127.0.0.1:${pair.sentinel.port}/demo`;
		return pair;
	}

	/* Which is which now: one that died and came back soon may be the replica of the other. */
	async look() {
		const roles = await Promise.all([this.master, this.replica].map(redis => redis.info('replication').catch(() => '')));
		if (roles[0].includes('role:slave') && roles[1].includes('role:master'))
			[this.master, this.replica] = [this.replica, this.master];
		return roles;
	}

	/* Both are there, and the replica has all. */
	async whole() {
		for (let tries = 0; tries < 600; tries++, await sleep(100)) {
			const roles = await this.look();
			const known = await this.sentinel.info('sentinel').catch(() => '');
			if (roles[0].includes('role:master') && roles[1].includes('master_link_status:up')
				&& known.includes(`address=127.0.0.1:${this.master.port}`))
				return;
		}
		throw new Error('Redis and its replica do not find together');
	}

	async failover() {
		await this.whole();
		const dead = this.master;
		await dead.kill();
		while (!(await this.sentinel.info('sentinel')).includes(`address=127.0.0.1:${this.replica.port}`))
			await sleep(100);
		await dead.again();
		await this.whole();
	}

	async kill() {
		await this.sentinel.kill();
		await Promise.all([this.master, this.replica].map(redis => redis.kill()));
	}
}

/* The servers of a cluster have one secret and one key. */
function share(from, to) {
	fs.mkdirSync(to, {recursive: true, mode: 0o700});
	for (const name of ['secret', 'key.pem', 'cert.pem'])
		fs.copyFileSync(path.join(from, name), path.join(to, name));
}

class Cluster {
	static async start(stage, {servers = 3, redis, url, args = [], apart = false} = {}) {
		const cluster = new Cluster();
		cluster.redis = redis ?? await Redis.start(path.join(stage, 'redis'));
		if (!redis)
			await cluster.redis.introduce();
		cluster.args = ['--backplane', url ?? cluster.redis.url, ...args];
		cluster.rooms = path.join(stage, 'rooms');
		cluster.apart = apart;
		cluster.stage = stage;
		cluster.hosts = [await cluster.#host(0)];
		for (let i = 1; i < servers; i++) {
			if (!args.includes('--token-key'))
				share(cluster.state(0), cluster.state(i));
			cluster.hosts.push(await cluster.#host(i));
		}
		return cluster;
	}

	static at(url, host) {
		return url.replace(/:\d+\//, `:${host.port}/`);
	}

	state(i) {
		return path.join(this.stage, `state${i}`);
	}

	/* The folder of rooms, of one server if each has its own. */
	folder(i) {
		return this.apart ? `${this.rooms}${i}` : this.rooms;
	}

	#host(i, listen = '127.0.0.1:0') {
		return Host.start({rooms: this.folder(i), state: this.state(i), listen, args: this.args});
	}

	invite(room, role) {
		return this.hosts[0].invite(room, role);
	}

	/* Killed; what it gives starts it again. */
	async kill(i) {
		const {port} = this.hosts[i];
		await this.hosts[i].stop('SIGKILL');
		this.down = i;
		return async () => {
			this.hosts[i] = await this.#host(i, `127.0.0.1:${port}`);
			this.down = undefined;
		};
	}

	/* All of them, and all again. */
	async stop() {
		return Promise.all(this.hosts.map(host => host.stop()));
	}

	async again() {
		for (const [i, {port}] of this.hosts.entries())
			this.hosts[i] = await this.#host(i, `127.0.0.1:${port}`);
	}

	/* Of one that is up, as a balancer gives it. */
	port(dice) {
		const up = this.hosts.filter((_, i) => i !== this.down);
		return up[dice.below(up.length)].port;
	}
}

module.exports = {Cluster, Pair, Redis, freePort};
