# fish: completes options (as --help has them), what they take, IDs, DAGs, and
# files of the dag tools. One file for all five programs; the others' names are
# links to it.

function __dagtools_spool
	set -l words (commandline -opc)
	set -l at (contains -i -- --spool $words)
	if set -q at[1]; and set -q words[(math $at + 1)]
		echo $words[(math $at + 1)]
	else if set -q DAG_SPOOL
		echo $DAG_SPOOL
	else if test (id -u) = 0
		echo /var/spool/dag
	else
		echo ~/.local/state/dag
	end
end

# IDs that begin so: a run is written as it is, by any beginning, or "@"
function __dagtools_ids
	set -l word (commandline -ct)
	set -l spool (__dagtools_spool)
	set -l part (string split -m 2 / -- $word)
	switch (count $part)
	case 3
		set -l name $part[2]
		if test $name = @
			set -l all $spool/runs/$part[1]/*
			set name (string replace -r '.*/' '' -- $all[-1])
		end
		for path in $spool/runs/$part[1]/$name*/*.*
			string replace -r '.*/([^/.]*)\.[^/]*$' \
			    "$part[1]/$part[2]/\$1" -- $path
		end
		for path in $spool/queue/$part[1]@$name*.*
			string replace -r '.*\.' "$part[1]/$part[2]/" -- $path
		end
	case 2
		for path in $spool/runs/$word* $spool/archive/$word*.tar.gz
			string replace -r '.*/' "$part[1]/" -- $path |
				string replace -r '\.tar\.gz$' ''
		end
		echo $part[1]/@
	case '*'
		for path in $spool/runs/$word* $spool/archive/$word*
			string replace -r '.*/' '' -- $path
		end
	end | sort -u
end

function __dagtools_dags
	set -l dirs ~/.config/dag
	test (id -u) = 0; and set dirs /etc/dag
	set -q DAG_PATH; and set dirs (string split : -- $DAG_PATH)
	for path in $dirs/*.dag
		string replace -r '.*/(.*)\.dag$' '$1' -- $path
	end
end

function __dagtools_options
	set -l name (commandline -opc)[1]
	begin
		$name --help 2>/dev/null | grep -oE -- '--?[a-zA-Z-]+'
		printf '%s\n' --spool --help --version
	end | sort -u
end

# is it the word behind one of these options?
function __dagtools_after
	contains -- (commandline -opc)[-1] $argv
end

# is it anything but an option, or what one takes?
function __dagtools_plain
	not __dagtools_after --mark --backfill --sync --color --pool --spool \
	    --html --into --workdir --shell --replay
	and not string match -qr '^-' -- (commandline -ct)
end

for name in dagparse dagsched dagq dagexec dagstat
	complete -c $name -n 'string match -qr "^-" -- (commandline -ct)' \
		-f -a '(__dagtools_options)'
	complete -c $name -n '__dagtools_after --mark' -f \
		-a 'success failed skipped'
	complete -c $name -n '__dagtools_after --backfill' -f \
		-a 'pause resume cancel'
	complete -c $name -n '__dagtools_after --sync' -f -a 'full none'
	complete -c $name -n '__dagtools_after --color' -f \
		-a 'always never auto'
	complete -c $name -n '__dagtools_after --pool' -f \
		-a '(string replace -r ".*/(.*)" "\$1=" -- (__dagtools_spool)/pools/*)'
	complete -c $name -n '__dagtools_after --shell --replay' -f \
		-a '(__dagtools_ids)'
end
for name in dagq dagstat
	complete -c $name -n __dagtools_plain -f -a '(__dagtools_ids)'
end
for name in dagparse dagsched dagexec
	complete -c $name -n __dagtools_plain -a '(__dagtools_dags)'
end
