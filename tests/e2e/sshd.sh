#!/bin/sh
# An sshd of its own on loopback, for the user who runs it, with its own keys, and a configuration for ssh that leads to it.
#
#	sshd.sh DIR PROGRAM	-- PROGRAM is the codecollab that is found there; prints "ready" when it lets this user in, or "no WHY"
#
# Left in DIR: config, with the hosts
#	box		a key without a passphrase
#	locked		a key with the passphrase "open sesame"
#	new		the same as box, but its host key is not known yet
#	changed		the same as box, but another host key is known
#	agent		the locked key, from the agent at DIR/agent alone
#	far		box by way of box (ProxyJump)
set -eu
dir=$1
program=$2

no() {
	printf 'no %s\n' "$*"
	exit 0
}

sshd=$(PATH=$PATH:/usr/sbin:/sbin command -v sshd) || no "openssh-server is not installed"
for tool in ssh ssh-keygen ssh-agent ssh-add; do
	command -v $tool >/dev/null || no "openssh-client is not installed"
done
if [ "$(id -u)" = 0 ]; then
	mkdir -p /run/sshd # where sshd locks itself in
fi

cd "$dir"
for key in hostkey otherkey key; do
	ssh-keygen -q -t ed25519 -N '' -f $key
done
ssh-keygen -q -t ed25519 -N 'open sesame' -f lockedkey
cat key.pub lockedkey.pub >authorized

start() {
	cat >sshd_config <<-END
		ListenAddress 127.0.0.1
		Port $1
		HostKey $dir/hostkey
		AuthorizedKeysFile $dir/authorized
		PidFile none
		StrictModes no
		UsePAM no
		PermitRootLogin yes
		PasswordAuthentication no
		KbdInteractiveAuthentication no
		SetEnv XDG_RUNTIME_DIR=$XDG_RUNTIME_DIR PATH=$(dirname "$program"):/usr/local/bin:/usr/bin:/bin
	END
	# Of several values for one thing the first counts, but of keys all do.
	cat >config <<-END
		Host box far changed
			IdentityFile $dir/key
		Host locked
			IdentityFile $dir/lockedkey
		Host agent
			IdentityFile $dir/lockedkey.pub
			IdentityAgent $dir/agent
		Host new
			IdentityFile $dir/lockedkey
			UserKnownHostsFile $dir/known.new
		Host changed
			UserKnownHostsFile $dir/known.changed
		Host far
			ProxyJump box
			HostKeyAlias far
		Host *
			HostName 127.0.0.1
			Port $1
			User $(id -un)
			IdentitiesOnly yes
			IdentityAgent none
			GlobalKnownHostsFile none
			UserKnownHostsFile $dir/known
	END
	printf '[127.0.0.1]:%s %s\nfar %s\n' "$1" "$(cut -d' ' -f1,2 hostkey.pub)" "$(cut -d' ' -f1,2 hostkey.pub)" >known
	printf '[127.0.0.1]:%s %s\n' "$1" "$(cut -d' ' -f1,2 otherkey.pub)" >known.changed
	: >sshd.log
	"$sshd" -f "$dir/sshd_config" -D -e 2>sshd.log &
	pid=$!
	while kill -0 $pid 2>/dev/null; do
		grep -q '^Server listening' sshd.log && return 0
		sleep 0.05
	done
	return 1
}

port=$((20000 + $$ % 20000))
tries=0
until start $port; do
	tries=$((tries + 1))
	[ $tries -lt 20 ] || no "sshd does not start: $(tail -n 1 sshd.log)"
	port=$((port + 7))
done
trap 'kill $pid' EXIT
trap 'exit 0' TERM INT HUP
if [ "$(ssh -F config -o BatchMode=yes box echo in 2>ssh.log)" = in ]; then
	echo ready
else
	no "sshd does not let $(id -un) in: $(tail -n 1 ssh.log)"
fi
read -r _ || true # until the test is over
