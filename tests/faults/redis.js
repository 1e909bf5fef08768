/*
 * redis.js: a real Redis server for one test, in a folder of its own, on a free port of this machine.
 *
 *	const redis = await Redis.start(dir);		AOF on
 *	redis.url					for --backplane
 *	await redis.kill();  await redis.again();	kill -9, and the same data again
 *	await redis.command('FLUSHALL')
 */
'use strict';

const {spawn} = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');

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
	static async start(dir, {lines = [], sentinel = false, port} = {}) {
		const redis = new Redis();
		fs.mkdirSync(dir, {recursive: true});
		redis.dir = dir;
		redis.port = port ?? await freePort();
		redis.sentinel = sentinel;
		redis.conf = path.join(dir, 'redis.conf');
		fs.writeFileSync(redis.conf, [`port ${redis.port}`, 'bind 127.0.0.1', `dir ${dir}`, 'save ""', 'daemonize no',
			...sentinel ? [] : ['appendonly yes'], ...lines, ''].join('\n'));
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
	command(...words) {
		return new Promise((resolve, reject) => {
			const socket = net.connect(this.port, '127.0.0.1');
			let heard = '';
			socket.on('error', reject);
			socket.on('close', () => reject(new Error('closed')));
			socket.on('data', data => {
				heard += data;
				if (!heard.includes('\r\n'))
					return;
				resolve(heard.slice(0, heard.indexOf('\r\n')));
				socket.destroy();
			});
			socket.write(`*${words.length}\r\n${words.map(w => `$${Buffer.byteLength(w)}\r\n${w}\r\n`).join('')}`);
		});
	}
}

module.exports = {Redis, freePort};
