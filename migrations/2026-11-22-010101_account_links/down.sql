DROP TABLE address_changes;
DROP TABLE account_links;
