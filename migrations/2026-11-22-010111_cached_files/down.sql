DROP TABLE cached_files;
