-- Equality search works on the tag inside the sealed value: 24 characters at a fixed place.
create unique index api_keys_token on api_keys (substr(token, 21, 24));
