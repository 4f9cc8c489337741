/* larchive: libarchive(3), loaded when it is first needed. */
#ifndef LARCHIVE_H
#define LARCHIVE_H

#include <archive.h>
#include <archive_entry.h>

/*
 * Linked in, it and what it needs (ICU, libxml2, …) would cost each program
 * more time at its start, and more memory, than all else together; most runs
 * of a program archive nothing.
 */
#define LARCHIVE_EACH(X) \
	X(archive_entry_filetype) X(archive_entry_free) \
	X(archive_entry_hardlink) X(archive_entry_mtime) \
	X(archive_entry_new) X(archive_entry_pathname) \
	X(archive_entry_set_filetype) X(archive_entry_set_mtime) \
	X(archive_entry_set_pathname) X(archive_entry_set_perm) \
	X(archive_entry_set_size) X(archive_entry_size) \
	X(archive_entry_size_is_set) X(archive_entry_symlink) \
	X(archive_errno) X(archive_error_string) X(archive_read_data) \
	X(archive_read_free) X(archive_read_new) \
	X(archive_read_next_header) X(archive_read_open) \
	X(archive_read_support_format_tar) X(archive_set_error) \
	X(archive_write_add_filter_gzip) X(archive_write_close) \
	X(archive_write_data) X(archive_write_free) \
	X(archive_write_header) X(archive_write_new) \
	X(archive_write_open) X(archive_write_set_bytes_in_last_block) \
	X(archive_write_set_filter_option) \
	X(archive_write_set_format_gnutar)

#define LARCHIVE_FIELD(f) __typeof__(f) *f;
struct larchive {
	LARCHIVE_EACH(LARCHIVE_FIELD)
};

/* its functions; NULL and errno ENOPKG: it is not on this machine, or not the
 * one we know */
const struct larchive *larchive_load(void);

#endif
