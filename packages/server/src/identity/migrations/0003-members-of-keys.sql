-- The one member whom a key spends for through the gateway; null: whom the request names.
ALTER TABLE api_keys ADD COLUMN member text;
