/* submake: the run of a DAG that a task of another wants: found, or made. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive.h"
#include "dagfile.h"
#include "dagpath.h"
#include "expand.h"
#include "intake.h"
#include "runrec.h"
#include "slots.h"
#include "submake.h"
#include "words.h"

/* what is to be made */
struct order {
	struct attempt *a;
	const char *dag;
	int64_t time;
	const char *suffix;	/* of its name: "" or "-manual…" */
	char parent[NAME_LEN + RUN_LEN + TASK_LEN + 3];
	struct rec_field *param;
	size_t nparam;
	struct buf text;	/* of the parameters */
	struct rec run;		/* the record of the task's own run */
	struct child *child;
	struct buf *why;
};

static const char *
from_text(const char *name, size_t n, void *arg)
{
	return expand_find(arg, name, n);
}

/* the parameters, replaced from the task's environment; 1: they cannot be */
static int
read_params(struct order *o, const struct world_run *wr)
{
	struct attempt *a = o->a;
	struct world w = {0};
	struct expand x = {from_text, &w.text};
	struct buf b = BUF_INIT;
	const char *list = plan_get(a->run->plan, a->task, "params", &b);
	char **word = list ? words_split(list, &o->nparam) : NULL;
	size_t *at = calloc(o->nparam + 1, sizeof *at);
	int r = !at || (list && !word) ? -1 : 0;

	o->param = calloc(o->nparam + 1, sizeof *o->param);
	if (!o->param)
		r = -1;
	if (r == 0 && list)
		r = world_env(&w, wr, a->run, a->task, a->n, o->why);
	for (size_t i = 0; r == 0 && i < o->nparam; i++) {
		at[i] = o->text.n;
		r = expand_text(&o->text, word[i], &x, o->why);
		buf_ch(&o->text, '\0');
	}
	if (r == 0 && o->text.err) {
		errno = o->text.err;
		r = -1;
	}
	for (size_t i = 0; r == 0 && i < o->nparam; i++) {
		o->param[i].key = o->text.p + at[i];
		o->param[i].value = strchr(o->param[i].key, '=');
		*o->param[i].value++ = '\0';
	}
	free(at);
	free(word);
	buf_free(&b);
	world_free(&w);
	return r < 0 && o->why->n ? 1 : r;
}

/* the run of that time, whatever its name's offset; 1 there is, 0, -1 */
static int
find(struct order *o, bool *archived)
{
	struct run_entry *list;
	const char *suffix;
	size_t n;
	int x = 0;

	if (spool_runs(o->a->run->spool, o->dag, true, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n && x == 0; i++) {
		suffix = strstr(list[i].name, "-manual");
		if (list[i].time != o->time ||
		    strcmp(suffix ? suffix : "", o->suffix) != 0)
			continue;
		snprintf(o->child->dag, sizeof o->child->dag, "%s", o->dag);
		memcpy(o->child->run, list[i].name, RUN_LEN + 1);
		*archived = list[i].archived;
		x = 1;
	}
	free(list);
	return x;
}

/* has it the parameters that the task gives? 0, 1 it has not, -1 */
static int
check_params(const struct order *o, bool archived)
{
	struct spool *sp = o->a->run->spool;
	struct buf text = BUF_INIT, why = BUF_INIT;
	char key[NAME_LEN + 16];
	struct rec rec = {0};
	const char *v;
	struct run r;
	int x = 0;

	if (o->nparam == 0)
		return 0;
	if (archived)
		x = archive_get(sp, o->child->dag, o->child->run, "run",
		    RUN_MAX, &text, &why);
	else if ((x = run_open(sp, o->child->dag, o->child->run, &r)) == 0) {
		x = run_record(&r, &text);
		run_close(&r);
	}
	if (x == 0 && rec_parse(&rec, buf_cstr(&text),
	    strcspn(buf_cstr(&text), "\n")) != REC_OK)
		x = -1;
	for (size_t i = 0; x == 0 && i < o->nparam; i++) {
		snprintf(key, sizeof key, "param.%s", o->param[i].key);
		v = rec_get(&rec, key);
		if (v && strcmp(v, o->param[i].value) == 0)
			continue;
		buf_fmt(o->why, "%s/%s is there already, with %s%s%s, not %s",
		    o->child->dag, o->child->run, v ? o->param[i].key :
		    "no parameter ", v ? "=" : "", v ? v : o->param[i].key,
		    o->param[i].value);
		x = 1;
	}
	rec_free(&rec);
	buf_free(&text);
	buf_free(&why);
	return x;
}

/* the file: beside the DAG's own, else as any program looks it up; 0, 1 and
 * why, -1 */
static int
find_file(struct order *o, char **path)
{
	struct buf b = BUF_INIT, why = BUF_INIT;
	const char *own = plan_dag_get(o->a->run->plan, "file", &b);
	const char *slash = own ? strrchr(own, '/') : NULL;
	char **list = NULL;
	size_t n;
	int x = 0;

	*path = NULL;
	if (slash && asprintf(path, "%.*s/%s.dag", (int)(slash - own), own,
	    o->dag) < 0)
		x = -1;
	if (x == 0 && (!*path || access(*path, F_OK) < 0)) {
		free(*path);
		*path = NULL;
		x = dagpath_list((char *const *)&o->dag, 1, &list, &n, &why);
		if (x == 0)
			*path = strdup(list[0]);
		if (x > 0)
			buf_fmt(o->why, "%.*s", (int)strcspn(buf_cstr(&why),
			    "\n"), buf_cstr(&why));
		if (x >= 0)
			dagpath_free(list, n);
		x = x == 0 && !*path ? -1 : x;
	}
	buf_free(&b);
	buf_free(&why);
	return x;
}

static int
compile(struct order *o, struct buf *records)
{
	struct buf errs = BUF_INIT, text = BUF_INIT;
	size_t at = 0;
	char *path;
	int x = find_file(o, &path);

	if (x == 0)
		x = dagfile_compile(path, records, &errs);
	while (x > 0 && dagfile_error(&errs, &at, &text) > 0)
		buf_fmt(o->why, "%s%s", o->why->n ? "\n" : "",
		    buf_cstr(&text));
	free(path);
	buf_free(&errs);
	buf_free(&text);
	return x;
}

/* the record of the run behind those of its definition; 0, 1 and why, -1 */
static int
put_run(struct order *o, struct buf *records)
{
	static const char *const bounds[] = {"prev", "next"};
	struct rec_field key[3] = {{(char *)"parent", o->parent}};
	struct runrec run = {.cause = "dag", .param = o->param,
	    .nparam = o->nparam, .key = key, .nkey = 1};
	char *line = buf_cstr(records);
	struct slots slots = {0};
	struct rec dag = {0};
	const char *v;
	int x = 0;

	if (rec_parse(&dag, line, strcspn(line, "\n")) != REC_OK)
		x = -1;
	else if (slots_make(&slots, &dag, o->why) < 0)
		x = o->why->n ? 1 : -1;
	/* without a schedule its data interval is that of the task's run */
	for (int i = 0; x == 0 && i < 2 && !rec_get(&dag, "schedule"); i++)
		if ((v = rec_get(&o->run, bounds[i])))
			key[run.nkey++] = (struct rec_field){(char *)bounds[i],
			    (char *)v};
	if (x == 0)
		runrec_child(records, o->dag, &slots, o->time, o->suffix,
		    &run);
	slots_free(&slots);
	rec_free(&dag);
	return x;
}

static void
was_made(const char *dag, const char *run, void *arg)
{
	struct order *o = arg;

	snprintf(o->child->dag, sizeof o->child->dag, "%s", dag);
	snprintf(o->child->run, sizeof o->child->run, "%s", run);
}

static void
was_wrong(unsigned long line, const char *text, void *arg)
{
	struct order *o = arg;

	(void)line;
	buf_fmt(o->why, "%s%s", o->why->n ? "\n" : "", text);
}

static int
take(struct order *o, struct buf *records)
{
	static struct intake in;
	struct rec r = {0};
	char *line, *end;
	int x = 0;

	in = (struct intake){.spool = o->a->run->spool, .made = was_made,
	    .fault = was_wrong, .arg = o};
	for (line = buf_cstr(records); x == 0 && (end = strchr(line, '\n'));
	    line = end + 1)
		if (rec_parse(&r, line, (size_t)(end - line)) != REC_OK ||
		    intake_record(&in, &r, 0) < 0)
			x = -1;
	if (intake_end(&in) < 0)
		x = -1;
	rec_free(&r);
	return x < 0 ? -1 : in.bad;
}

static int
make(struct order *o)
{
	struct buf records = BUF_INIT;
	int x = compile(o, &records);

	if (x == 0)
		x = put_run(o, &records);
	if (x == 0 && records.err) {
		errno = records.err;
		x = -1;
	}
	if (x == 0)
		x = take(o, &records);
	buf_free(&records);
	return x;
}

int
submake_run(struct attempt *a, const struct world_run *wr, struct child *c,
    bool *made, struct buf *why)
{
	struct order o = {.a = a, .child = c, .why = why};
	const char *record = wr->record.p ? wr->record.p : "";
	struct buf b = BUF_INIT;
	bool archived = false;
	int x = 0;

	*made = false;
	*c = (struct child){.over = false};
	o.dag = plan_get(a->run->plan, a->task, "dag", &b);
	o.suffix = strstr(a->run->name, "-manual");
	o.suffix = o.suffix ? o.suffix : "";
	snprintf(o.parent, sizeof o.parent, "%s/%s/%s", a->run->dag,
	    a->run->name, a->name);
	if (!o.dag || run_name_parse(a->run->name, &o.time, NULL, NULL) < 0 ||
	    rec_parse(&o.run, record, strcspn(record, "\n")) != REC_OK)
		x = -1;
	if (x == 0)
		x = read_params(&o, wr);
	if (x == 0 && (x = find(&o, &archived)) == 0) {
		x = make(&o);
		*made = x == 0 && c->run[0];
		/* somebody else was first */
		if (x == 0 && !*made && (x = find(&o, &archived)) == 0)
			x = -1;
	}
	if (x == 1 && why->n == 0)
		x = check_params(&o, archived);
	free(o.param);
	buf_free(&o.text);
	rec_free(&o.run);
	buf_free(&b);
	return x;
}

/* the runs that are waited for, each for what it was found in */
struct chain {
	struct link {
		struct child child;
		size_t from;
	} *link;
	size_t n;
};

static int
add(struct chain *c, const struct child *child, size_t from)
{
	struct link *grown;

	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->link[i].child.dag, child->dag) == 0 &&
		    strcmp(c->link[i].child.run, child->run) == 0)
			return 0;
	grown = realloc(c->link, (c->n + 1) * sizeof *grown);
	if (!grown)
		return -1;
	c->link = grown;
	c->link[c->n++] = (struct link){*child, from};
	return 0;
}

/* adds what the tasks of one of them wait for */
static int
add_all(struct chain *c, struct spool *sp, size_t at)
{
	struct child *child = &c->link[at].child, next;
	struct instance *inst = NULL;
	struct run r;
	int x;

	if (run_open(sp, child->dag, child->run, &r) < 0)
		return run_damaged(errno) ? 0 : -1;
	x = run_plan(&r, NULL);
	if (x == 0 && r.plan->keys & PLAN_SUB) {
		inst = malloc(r.plan->n * sizeof *inst);
		x = inst ? run_states(&r, inst) : -1;
		for (uint32_t t = 0; x >= 0 && t < r.plan->n; t++)
			if ((x = child_of(&r, t, inst[t], &next)) > 0)
				x = add(c, &next, at);
	}
	free(inst);
	run_close(&r);
	return x < 0 && !run_damaged(errno) ? -1 : 0;
}

int
submake_cycle(struct attempt *a, const struct child *child, struct buf *why)
{
	struct chain c = {NULL, 0};
	struct child *at;
	int x = add(&c, child, 0);
	size_t i, k;

	for (i = 0; x == 0 && i < c.n; i++) {
		at = &c.link[i].child;
		if (strcmp(at->dag, a->run->dag) == 0 &&
		    strcmp(at->run, a->run->name) == 0) {
			x = 1;
			break;
		}
		x = add_all(&c, a->run->spool, i);
	}
	/* the first was found in none: it is its own */
	for (k = i; x == 1; k = c.link[k].from) {
		buf_fmt(why, "%s%s/%s", k == i ? "a cycle: " : " <- ",
		    c.link[k].child.dag, c.link[k].child.run);
		if (k == 0)
			break;
	}
	if (x == 1 && i > 0)
		buf_fmt(why, " <- %s/%s", a->run->dag, a->run->name);
	free(c.link);
	return x;
}
