# schema: what in a document is not as share/schema/dagstat.json says, a line
# each; $s is the schema: --slurpfile s. As much of JSON Schema as that uses.
def like($v; $p):
	if $p.const then $v == $p.const
	elif $p.enum then ($p.enum | index([$v])) != null
	elif $p.type == "integer" then ($v | type) == "number" and $v == ($v | floor)
	elif $p.format == "date-time" then
		($v | type) == "string" and ($v | test(
		"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}([.][0-9]+)?(Z|[+-][0-9:]{5})$"))
	elif $p.type == "object" then ($v | type) == "object" and
		([$v | to_entries[] | like(.key; $p.propertyNames) and
		like(.value; $p.additionalProperties)] | all)
	else ($v | type) == $p.type end;

$s[0]["$defs"] as $kinds |
if type != "array" then "no array" else .[] end |
. as $o | $kinds[.kind // "-"] as $k |
if $k == null then "no such kind: \(.kind)" else
	($k.required[] | select(in($o) | not) | "\($o.kind): no \(.)"),
	(to_entries[] | $k.properties[.key] as $p |
	if $p == null then "\($o.kind): \(.key) is not in the schema"
	elif like(.value; $p) then empty
	else "\($o.kind): \(.key) is \(.value | tojson)" end)
end
