DROP TABLE staff_petitioners;
DROP TABLE staff_petitions;
