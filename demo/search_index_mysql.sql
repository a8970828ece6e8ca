-- Equality search works on the tag inside the sealed value: 24 characters at a fixed place. MariaDB has no index on an
-- expression, so the tag has a column that no application sees. This is the statement that `sealrow check` prints.
alter table api_keys
  add column sealrow_token varchar(24) character set ascii collate ascii_bin
    generated always as (substr(token, 21, 24)) virtual invisible,
  add unique index sealrow_token (sealrow_token);
