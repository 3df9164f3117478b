DROP TABLE thread_looks;
