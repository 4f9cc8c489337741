# screen: a program in a terminal of 80 by 24: keys sent, screen compared.

# shown COMMAND: in a terminal of its own; the words of its end are in err, its
# exit status in status
shown() {
	LC_ALL=C.UTF-8 TERM=xterm tmux -S "$T/tmux" -f /dev/null new-session \
	    -d -x 80 -y 24 "$1 2>$T/err; echo \$? >$T/status" 3>&-
}

# keys KEY...: are pressed
keys() {
	tmux -S "$T/tmux" send-keys "$@"
}

# screen: what is on it, without what is behind the last character of a line
screen() {
	tmux -S "$T/tmux" capture-pane -p | sed 's/ *$//'
}

# seen TEXT: waits until it is on the screen
seen() {
	local end=$((SECONDS + 60))
	while [ $SECONDS -lt $end ]; do
		screen >now
		! grep -qF -- "$1" now || return 0
	done
	cat now >&2
	return 1
}

# ended: waits until the program has; its exit status
ended() {
	local end=$((SECONDS + 60))
	while [ $SECONDS -lt $end ]; do
		[ ! -s status ] || { cat status; return 0; }
		screen >now 2>&1 || :
	done
	return 1
}
