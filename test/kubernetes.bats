#!/usr/bin/env bats
# kubernetes: that launcher, with a stand-in for kubectl: test/kubernetes.
#
# It starts processes of this machine, and says of them what it is told to.

load engines

setup() {
	helper_setup
	engine kubernetes
	export DAG_KUBECTL=$ROOT/test/kubernetes/kubectl KUBE=$T/kube
	export DAG_KUBERNETES_POD=$T/pod.yaml
	mkdir "$KUBE"
	cat >pod.yaml <<-'END'
	# DAG_TIME has no place
	apiVersion: v1
	kind: Pod
	metadata:
	  namespace: batch
	spec:
	  restartPolicy: OnFailure
	  serviceAccountName: dag
	  containers:
	  - name: task
	    image: registry.invalid/dag:1
	    command: DAG_COMMAND
	    resources: DAG_RESOURCES
	    volumeMounts: [{name: spool, mountPath: /spool}]
	  volumes:
	  - {name: spool, persistentVolumeClaim: {claimName: spool}}
	END
}

# verb VERB [NAME [FIELD...]]: the launcher, called as dagexec does for a batch
# with that number: 1, of N elements, with what is on stdin behind its record
verb() {
	local name=kubernetes.000000000000000$2 call=$1
	shift 2
	mkdir -p "spool/launch/$name"
	[ -e "spool/launch/$name/tasks" ] ||
		echo 'd/20260101T000000/a' >"spool/launch/$name/tasks"
	{
		printf 'batch\t%s' "$name"
		printf '\t%s' "$@"
		echo
		[ "$call" != cancel ] || cat
	} >in
	(cd "spool/launch/$name" &&
	    exec "$DAG_LAUNCH_PATH/kubernetes" "$call") <in
}

# job NUMBER: the manifest of that batch's Job
job() { cat "$KUBE/jobs/dag-kubernetes-000000000000000$1.yaml"; }

@test "kubernetes: a task runs there, once, with its log and its values" {
	dag d <<-'END'
	[task a]
	run = echo "n=7" >>"$DAG_OUT"; echo "from $JOB_COMPLETION_INDEX"
	    echo "a $DAG_ATTEMPT" >>ledger
	[task b]
	run = echo "b $DAG_ATTEMPT" >>ledger
	[task c]
	after = a b
	run   = test "$DAG_FROM_a_n" = 7; echo "c $DAG_ATTEMPT" >>ledger
	END
	drain
	equal "$(sort ledger)" "a 1
b 1
c 1"
	run -0 dagstat --log d/@/a
	[[ $output == *"from 0"* ]]
	# a and b are one Job
	equal "$(grep -c create "$KUBE/calls")" 2
	dagq --check
}

@test "kubernetes: what a Job is made of" {
	export DAGEXEC='/opt/a "b"/dagexec'
	touch "$KUBE/empty"
	{
		sed '/resources/i \    # DAG_COMMAND' pod.yaml
		printf '  nodeSelector:\n    pool: DAG_PARTITION\n'
		printf '  activeDeadlineSeconds: DAG_TIME\n'
	} >pod.new
	mv pod.new pod.yaml
	run -0 verb submit 1 elements=3 cpus=2 memory=1536M gpus=1 time=1h30s \
	    partition=large options='team=red kueue.x-k8s.io/priority-class=p'
	equal "$output" $'submitted\tkubernetes.0000000000000001\tid=dag-kubernetes-0000000000000001'
	equal "$(job 1 | sed 's/dag-token: "[0-9a-f]\{16\}"/dag-token: T/')" \
"apiVersion: batch/v1
kind: Job
metadata:
  name: dag-kubernetes-0000000000000001
  labels:
    batch.kubernetes.io/job-name: dag-kubernetes-0000000000000001
    dag-token: T
    team: \"red\"
    kueue.x-k8s.io/priority-class: \"p\"
  annotations:
    dag-tasks: \"d/20260101T000000/a\"
spec:
  completionMode: Indexed
  completions: 3
  parallelism: 3
  backoffLimitPerIndex: 0
  podReplacementPolicy: Failed
  ttlSecondsAfterFinished: 86400
  template:
    # DAG_TIME has no place
    spec:
      restartPolicy: Never
      serviceAccountName: dag
      containers:
      - name: task
        image: registry.invalid/dag:1
        command: [\"/bin/sh\", \"-c\", \"exec \\\"\$0\\\" --spool \\\"\$1\\\"\
 --element \\\"\$2/\$\$((JOB_COMPLETION_INDEX+1))\\\"\", \"/opt/a \\\"b\\\"/dagexec\",\
 \"$DAG_SPOOL\", \"kubernetes.0000000000000001\"]
        # DAG_COMMAND
        resources: {\"requests\": {\"cpu\": \"2\", \"memory\": \"1536Mi\",\
 \"nvidia.com/gpu\": \"1\"}, \"limits\": {\"cpu\": \"2\", \"memory\": \"1536Mi\",\
 \"nvidia.com/gpu\": \"1\"}}
        volumeMounts: [{name: spool, mountPath: /spool}]
      volumes:
      - {name: spool, persistentVolumeClaim: {claimName: spool}}
      nodeSelector:
        pool: \"large\"
      activeDeadlineSeconds: 3630"
	grep -q -- '^--namespace=batch .* create' "$KUBE/calls"
	# what is not asked for has no line
	run -0 verb submit 2 elements=1
	run ! grep -E 'DAG_|pool:|activeDeadline|resources:|cpu' <(job 2 |
		grep -v '#')
	[[ $(job 2) == *"restartPolicy: Never"* ]]
	# and what says that the spool is shared is handed on
	DAG_REMOTE=1 verb submit 3 elements=1
	job 3 | grep -q '"export DAG_REMOTE=1; exec '
}

@test "kubernetes: a partition without a place in the pod is a queue of Kueue" {
	touch "$KUBE/empty"
	verb submit 1 elements=1 partition=large
	job 1 | grep -qx '    kueue.x-k8s.io/queue-name: "large"'
}

@test "kubernetes: what a template has no place for is refused" {
	run -70 verb submit 1 elements=1 time=5m
	equal "$output" "time is asked for, but there is no DAG_TIME in $T/pod.yaml"
	run -70 verb submit 1 elements=1 options='team'
	equal "$output" "launch-options: KEY=VALUE is wanted: team"
	run -70 verb submit 1 elements=1 options='team=a"b'
	equal "$output" 'launch-options: not a label: team=a"b'
	sed -i /resources/d pod.yaml
	run -70 verb submit 1 elements=1 memory=1G
	equal "$output" \
	    "memory is asked for, but there is no DAG_RESOURCES in $T/pod.yaml"
	sed -i /DAG_COMMAND/d pod.yaml
	run -70 verb submit 1 elements=1
	equal "$output" "there is no DAG_COMMAND in $T/pod.yaml"
	# where there is none at all the tasks wait for it
	rm pod.yaml
	run -69 verb submit 1 elements=1
	equal "$output" "no template of a pod: $T/pod.yaml"
	[ ! -e "$KUBE/calls" ]
}

@test "kubernetes: the answer is lost after a Job was created: once, not twice" {
	echo 'Unable to connect to the server: net/http: TLS handshake timeout' \
	    >"$KUBE/lose"
	noted a b | dag d
	drain
	[ ! -e "$KUBE/lose" ]
	equal "$(sort ledger)" "a 1
b 1"
	equal "$(grep -c create "$KUBE/calls")" 1
	# and where it is created again all the same
	touch "$KUBE/empty"
	verb submit 1 elements=1
	run -0 verb submit 1 elements=1
	[[ $output == *id=dag-kubernetes-0000000000000001 ]]
}

# submits STEP: who submits is killed at that step; create.after: as soon as
# there is a Job, and its launcher as well
submits() {
	export KUBE=$T/kube
	mkdir "$KUBE"
	stepped "$1"
	cat >kubectl <<-END
	#!/bin/sh
	"$ROOT/test/kubernetes/kubectl" "\$@"
	status=\$?
	case "\$*" in *create*)
		rm "$T/die.create.after" 2>/dev/null &&
		    kill -KILL \$(cat "$T/submitter") ;;
	esac
	exit \$status
	END
	chmod +x kubectl
	export DAG_KUBECTL=$T/kubectl
	noted a b | dag d
	lives 2>/dev/null
	[ ! -e "die.$1" ]
	equal "$1: $(sort ledger) $(cat lives)" "$1: a 1
b 1 again"
	# one Job, however often that was asked for
	equal "$1: $(ls "$KUBE"/jobs/*.json | grep -c .)" "$1: 1"
	equal "$(ls spool/launch)" kubernetes
	dagq --check
}

@test "kubernetes: who submits is killed at each step, and each task runs once" {
	beside submits caps caps.after submit create.after submit.after
}

@test "kubernetes: another's Job of the same name is neither had nor deleted" {
	touch "$KUBE/empty"
	verb submit 1 elements=1
	echo other >spool/launch/kubernetes.0000000000000001/token
	run -1 verb find 1 elements=1
	run -70 verb submit 1 elements=1
	equal "$output" "there is a Job dag-kubernetes-0000000000000001 already,\
 of somebody else"
	verb cancel 1 elements=1 id=dag-kubernetes-0000000000000001 <<<1
	[ ! -e "$KUBE/deleted" ]
	run -0 verb poll 1 elements=1
	equal "$output" ""
	# nor where we have none
	rm spool/launch/kubernetes.0000000000000001/token
	run -1 verb find 1 elements=1
}

@test "kubernetes: there is no such Job: that is said, and none is cancelled" {
	run -1 verb find 1 elements=1
	run -0 verb cancel 1 elements=1 id=x <<<1
	equal "$output" ""
}

@test "kubernetes: one question is asked of all batches" {
	touch "$KUBE/empty"
	for i in 1 2 3; do
		verb submit $i elements=$i
	done
	: >"$KUBE/calls"
	for i in 1 2 3; do
		printf 'batch\tkubernetes.000000000000000%d\telements=%d\n' $i $i
	done | "$DAG_LAUNCH_PATH/kubernetes" poll | sort >said
	equal "$(wc -l <"$KUBE/calls")" 1
	# there is no pod yet, but all are known
	equal "$(wc -l <said) $(grep -c 'state=queued	detail=no pod yet' said)" \
	    "6 6"
	equal "$(head -n 1 said)" \
	    $'element\tkubernetes.0000000000000001/1\tstate=queued\tdetail=no pod yet'
}

@test "kubernetes: of very many batches the names are not on a command line" {
	for ((i = 0; i <= 100; i++)); do
		printf 'batch\tkubernetes.%016d\telements=1\n' $i
	done | "$DAG_LAUNCH_PATH/kubernetes" poll
	grep -q 'jobs,pods -l batch.kubernetes.io/job-name --no' "$KUBE/calls"
}

@test "kubernetes: states of pods, and which of ours they are" {
	cat >table <<-'END'
	queued	detail=Pending here|{"status": {"phase": "Pending"}}
	queued	detail=ImagePullBackOff here|{"status": {"phase": "Pending", "containerStatuses": [{"state": {"waiting": {"reason": "ImagePullBackOff"}}}]}}
	lost-launch	detail=InvalidImageName here|{"status": {"phase": "Pending", "containerStatuses": [{"state": {"waiting": {"reason": "InvalidImageName"}}}]}}
	running	detail=Running here|{"status": {"phase": "Running"}}
	ended	detail=Completed here|{"status": {"phase": "Succeeded", "containerStatuses": [{"state": {"terminated": {"reason": "Completed"}}}]}}
	ended	detail=Error here|{"status": {"phase": "Failed", "containerStatuses": [{"state": {"terminated": {"reason": "Error"}}}]}}
	lost-memory	detail=OOMKilled here|{"status": {"phase": "Failed", "containerStatuses": [{"state": {"terminated": {"reason": "OOMKilled"}}}]}}
	lost-timeout	detail=DeadlineExceeded here|{"status": {"phase": "Failed", "reason": "DeadlineExceeded"}}
	lost-launch	detail=StartError here|{"status": {"phase": "Failed", "containerStatuses": [{"state": {"terminated": {"reason": "StartError"}}}]}}
	lost-node	detail=Evicted here|{"status": {"phase": "Failed", "reason": "Evicted"}}
	lost-node	detail=Error here|{"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}, "status": {"phase": "Failed", "conditions": [{"type": "DisruptionTarget", "reason": "PreemptionByScheduler"}], "containerStatuses": [{"state": {"terminated": {"reason": "Error"}}}]}}
	lost-node	detail=Running here|{"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}, "status": {"phase": "Running", "conditions": [{"type": "DisruptionTarget", "reason": "DeletionByTaintManager"}]}}
	running	detail=Running here|{"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}, "status": {"phase": "Running"}}
	lost-node	detail=Unknown here|{"status": {"phase": "Unknown"}}
	lost-cancelled	detail=Error here|{"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}, "status": {"phase": "Failed", "containerStatuses": [{"state": {"terminated": {"reason": "Error"}}}]}}
	END
	cut -d '|' -f 2 table >"$KUBE/said"
	verb submit 1 elements=15
	run -0 verb poll 1 elements=15
	equal "$(sed 's/[^/]*.//' <<<"$output" | sort -n | cut -f 2-)" \
	    "$(cut -d '|' -f 1 table | sed 's/^/state=/')"
}

# status JSON: what the Job of batch 1 says of itself
status() {
	local file=$KUBE/jobs/dag-kubernetes-0000000000000001.json
	jq --argjson more "$1" '. * $more' "$file" >new
	mv new "$file"
}

@test "kubernetes: pods are gone: the Job knows which have ended" {
	touch "$KUBE/empty"
	verb submit 1 elements=6
	status '{"status": {"completedIndexes": "0,2-3", "failedIndexes": "5"}}'
	run -0 verb poll 1 elements=6
	equal "$(sort <<<"$output" | cut -f 2- | cut -d/ -f 2)" \
"1	state=ended	detail=its pod is gone
2	state=queued	detail=no pod yet
3	state=ended	detail=its pod is gone
4	state=ended	detail=its pod is gone
5	state=queued	detail=no pod yet
6	state=ended	detail=its pod is gone"
	status '{"status": {"conditions": [{"type": "Failed",
	    "reason": "FailedIndexes"}]}}'
	run -0 verb poll 1 elements=6
	equal "$(grep -c state=ended <<<"$output")" 6
	status '{"status": {"conditions": [{"type": "Suspended",
	    "reason": "JobSuspended"}], "completedIndexes": null}}'
	run -0 verb poll 1 elements=2
	equal "$(grep -c 'state=queued	detail=suspended' <<<"$output")" 2
	# and of what is gone altogether nothing is said: lost, by the contract
	rm "$KUBE/jobs"/*
	run -0 verb poll 1 elements=6
	equal "$output" ""
}

@test "kubernetes: what need not be started is deleted, and no more than that" {
	echo '{"status": {"phase": "Pending"}}' >"$KUBE/said"
	verb submit 1 elements=3
	verb submit 2 elements=3
	printf '2\n3\n' | verb cancel 1 elements=3
	equal "$(sort "$KUBE/deleted")" "pods dag-kubernetes-0000000000000001.1
pods dag-kubernetes-0000000000000001.2"
	# all of it: the Job, with what is left of it
	echo '1 ended' >spool/launch/kubernetes.0000000000000001/closed
	printf '2\n3\n' | verb cancel 1 elements=3
	equal "$(tail -n 1 "$KUBE/deleted")" \
	    "jobs dag-kubernetes-0000000000000001"
	equal "$(find "$KUBE/jobs" "$KUBE/pods" -name '*.json' | wc -l)" 4
}

@test "kubernetes: a task that is held while it waits there is taken out" {
	echo '{"status": {"phase": "Pending"}}' >"$KUBE/said"
	dag d <<-'END'
	[task a]
	run = echo "$DAG_ATTEMPT" >>ledger
	END
	drain &
	until_text "$KUBE/calls" create
	dagq --hold d/@/a
	ends 0 $!
	[[ $(cat "$KUBE/deleted") == "jobs dag-kubernetes-"* ]]
	equal "$(cat ledger)" ""
}

@test "kubernetes: refused for good and away are told apart" {
	while IFS='|' read -r status text; do
		echo "$text" >"$KUBE/refuse"
		run verb submit 1 elements=1
		equal "$status $output" "$status $text"
	done <<-'END'
	70|The Job "dag-x" is invalid: spec.template.spec.containers[0].image: Required value
	70|Error from server (BadRequest): error when creating "job.yaml": Job in version "v1" cannot be handled as a Job: strict decoding error: unknown field "spec.x"
	70|Error from server (Forbidden): error when creating "job.yaml": jobs.batch is forbidden: User "u" cannot create resource "jobs"
	70|Error from server (NotFound): error when creating "job.yaml": namespaces "batch" not found
	70|error: error parsing job.yaml: error converting YAML to JSON: yaml: line 3
	69|Error from server (Forbidden): error when creating "job.yaml": jobs.batch "dag-x" is forbidden: exceeded quota: q, requested: count/jobs.batch=1
	69|The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?
	69|Unable to connect to the server: dial tcp: lookup api.invalid: no such host
	69|error: error validating "job.yaml": error validating data: failed to download openapi: Get "https://api.invalid/openapi": EOF
	69|error: You must be logged in to the server (Unauthorized)
	69|Error from server (InternalError): an error on the server has prevented the request from succeeding
	69|Error from server (Timeout): the server was unable to return a response in the time allotted
	END
	rm "$KUBE/refuse"
	# what kubectl's library says before is not for our readers
	printf '%s\n' 'E1129 07:58:24.631406    6998 memcache.go:265] "U"' \
	    'Unable to connect to the server: EOF' >"$KUBE/away"
	for call in find submit poll cancel; do
		run -69 verb $call 1 elements=1 <<<1
		equal "$call: $output" "$call: Unable to connect to the server: EOF"
	done
}

@test "kubernetes: what it refuses has failed, with its words" {
	echo 'Error from server (BadRequest): no' >"$KUBE/refuse"
	dag d <<-'END'
	[task a]
	run = true
	END
	run -1 drain
	equal "$(about a)" \
	    "a failed 1 lost-launch Error from server (BadRequest): no"
}

@test "kubernetes: a node's power is lost: another pod, another attempt" {
	hangs 'retry-delay = 0s' 'launch-options = poll=1s'
	drain &
	read -r _ <begun
	pod=$(echo "$KUBE"/pods/*.json)
	pid=$(cat "${pod%.json}.pid")
	rm "${pod%.json}.pid"
	jq '. * {status: {phase: "Failed", reason: "Evicted"}}' "$pod" >new
	mv new "$pod"
	# shellcheck disable=SC2046 # numbers
	kill -KILL -- "$pid" $(grep -ls dagexec-slot /proc/[0-9]*/comm |
	    tr -dc '0-9\n' | while read -r pid; do
		! grep -qsF "JOB_COMPLETION_INDEX" "/proc/$pid/environ" ||
		    ! grep -qsF "$T/" "/proc/$pid/environ" || echo "$pid"
	    done)
	ends 0 $!
	equal "$(cat ledger)" "1
2"
	grep -q '	lost	attempt=1	reason=lost	engine=lost-node' \
	    spool/runs/d/*/a.success
}

@test "kubernetes: it is away: that is said, and nothing is lost" {
	echo 'Unable to connect to the server: EOF' >"$KUBE/away"
	noted a | dag d
	drain &
	until_text spool/launch/kubernetes 'Unable to connect'
	run -0 dagstat --why d/@/a
	[[ $output == *"kubernetes is away since "*"EOF"* ]]
	rm "$KUBE/away"
	ends 0 $!
	equal "$(cat ledger)" "a 1"
}
