DROP TABLE health_reports;
