# fish: completes options (as --help has them), IDs, and files of the dag tools.
# One file for all five programs; the others' names are links to it.

function __dagtools_ids
	set -l word (commandline -ct)
	set -l spool ~/.local/state/dag
	test (id -u) = 0; and set spool /var/spool/dag
	set -q DAG_SPOOL; and set spool $DAG_SPOOL
	string match -qr '^-' -- $word; and return
	if string match -q '*/*/*' -- $word
		set -l run (string replace -r '/[^/]*$' '' -- $word)
		for path in $spool/runs/$run*/*.*
			string replace -- $spool/runs/ '' $path |
				string replace -r '\.(waiting|held|running\.\d+|success|failed|skipped|upstream-failed)$' ''
		end
	else
		for path in $spool/runs/$word*
			string replace -- $spool/runs/ '' $path
		end
	end
end

function __dagtools_options
	set -l name (commandline -opc)[1]
	begin
		$name --help 2>/dev/null | grep -oE -- '--?[a-zA-Z-]+'
		printf '%s\n' --spool --help --version
	end | sort -u
end

for name in dagparse dagsched dagq dagexec dagstat
	complete -c $name -n 'string match -qr "^-" -- (commandline -ct)' \
		-f -a '(__dagtools_options)'
end
for name in dagq dagstat
	complete -c $name -f -a '(__dagtools_ids)'
end
