use std::collections::BTreeSet;

use super::*;

fn load(env: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let env = env.iter().map(|(key, value)| (format!("COMMONHOLD_{key}"), (*value).to_owned()));
    Config::load(None, env)
}

fn load_file(text: &str, env: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("node.toml");
    std::fs::write(&path, text).unwrap();
    let env = env.iter().map(|(key, value)| (format!("COMMONHOLD_{key}"), (*value).to_owned()));
    Config::load(Some(&path), env)
}

#[test]
fn the_default_file_names_exactly_the_keys_there_are() {
    let known: BTreeSet<String> = KEYS.iter().map(|key| (*key).to_owned()).collect();
    assert_eq!(layers::default_keys(), known);
    assert_eq!(KEYS.len(), known.len(), "no key twice");
}

#[test]
fn with_nothing_set_it_is_a_development_node_on_localhost() {
    let config = load(&[]).unwrap();
    assert!(config.development);
    assert_eq!(config.domain(), "localhost:8080");
    assert_eq!(config.origin().as_str(), "http://localhost:8080/");
    assert_eq!(config.database_url.expose(), "sqlite:./data/commonhold.db");
    assert_eq!((config.min_account_age_days, config.sign_up), (0, SignUp::Open));
    assert!(config.rate_limits);
}

#[test]
fn a_domain_ends_development_mode() {
    let config = load(&[("DOMAIN", "Node.Example")]).unwrap();
    assert!(!config.development);
    assert_eq!(config.domain(), "node.example");
    assert_eq!(config.origin().as_str(), "https://node.example/");
    assert_eq!((config.min_account_age_days, config.sign_up), (3, SignUp::Approval));
}

#[test]
fn names_and_origins_follow_the_mode() {
    for (env, domain, origin) in [
        (&[("LISTEN", "127.0.0.1:8081")][..], "localhost:8081", "http://localhost:8081/"),
        (&[("LISTEN", "localhost:80")], "localhost", "http://localhost/"),
        (&[("LISTEN", "[::1]:9000")], "localhost:9000", "http://localhost:9000/"),
        (
            &[("DOMAIN", "localhost:8081"), ("DEVELOPMENT", "true")],
            "localhost:8081",
            "http://localhost:8081/",
        ),
        (
            &[
                ("DOMAIN", "oak.test"),
                ("DEVELOPMENT", "1"),
                ("PUBLIC_URL", "https://oak.test:8443"),
            ],
            "oak.test",
            "https://oak.test:8443/",
        ),
        (
            &[("DOMAIN", "node.example"), ("PUBLIC_URL", "https://social.node.example")],
            "node.example",
            "https://social.node.example/",
        ),
        (
            &[("DOMAIN", "bücher.example")],
            "xn--bcher-kva.example",
            "https://xn--bcher-kva.example/",
        ),
    ] {
        let config = load(env).unwrap();
        assert_eq!((config.domain(), config.origin().as_str()), (domain, origin), "{env:?}");
    }
}

#[test]
fn a_nameless_node_is_named_after_the_port_it_gets() {
    let address = "127.0.0.1:4711".parse().unwrap();
    let config = load(&[("LISTEN", "127.0.0.1:0")]).unwrap().listening_at(address);
    assert_eq!((config.domain(), config.listen), ("localhost:4711", address));
    assert_eq!(config.origin().as_str(), "http://localhost:4711/");
    let named = [("LISTEN", "127.0.0.1:0"), ("DOMAIN", "oak.test"), ("DEVELOPMENT", "true")];
    assert_eq!(load(&named).unwrap().listening_at(address).domain(), "oak.test");
}

#[test]
fn the_later_layer_wins_and_an_empty_variable_is_none() {
    let file = "title = \"From the file\"\nrate_limits = false\nmax_attachments = 7\n";
    let config = load_file(file, &[("TITLE", "From outside"), ("MAX_ATTACHMENTS", "")]).unwrap();
    assert_eq!(config.title, "From outside");
    assert_eq!((config.rate_limits, config.max_attachments), (false, 7));
    let source = |key| config.shown.iter().find(|shown| shown.0 == key).unwrap().2.to_string();
    assert_eq!(source("title"), "environment COMMONHOLD_TITLE");
    assert!(source("rate_limits").starts_with("file "));
    assert_eq!(source("listen"), "default");
}

#[test]
fn lists_are_read_from_either_form() {
    let hosts = "development_hosts = [\"oak.test=127.0.0.1:1\", \"*.elm.test=127.0.0.1:2\"]";
    assert_eq!(load_file(hosts, &[]).unwrap().development_hosts.len(), 2);
    let hosts = load(&[("DEVELOPMENT_HOSTS", "oak.test=127.0.0.1:1, *.elm.test=127.0.0.1:2")]);
    assert_eq!(hosts.unwrap().development_hosts.len(), 2);
    assert_eq!(load_file("trusted_proxies = []", &[]).unwrap().trusted_proxies, []);
}

#[test]
fn a_value_that_cannot_be_stops_the_start_and_says_why() {
    const DOMAIN: (&str, &str) = ("DOMAIN", "node.example");
    for (env, says) in [
        (
            &[("SIGN_UP", "opn")][..],
            "sign_up = \"opn\" (from environment COMMONHOLD_SIGN_UP) is not possible; allowed: open, approval, invite, closed",
        ),
        (&[("RATE_LIMITS", "perhaps")], "allowed: true, false"),
        (&[("LOG_FORMAT", "xml")], "allowed: text, json"),
        (&[("LISTEN", "8080")], "an IP address and a port"),
        (&[("LISTEN", "0.0.0.0:8080")], "a loopback address"),
        (&[DOMAIN, ("LISTEN", "0.0.0.0:8080"), ("DEVELOPMENT", "true")], "a loopback address"),
        (
            &[("DEVELOPMENT", "false")],
            "domain = \"\" (from default) is not possible; allowed: a host name",
        ),
        (&[("DOMAIN", "https://node.example")], "a host name with a dot"),
        (&[("DOMAIN", "node.example:8443")], "without port"),
        (&[("DOMAIN", "192.0.2.1")], "a host name"),
        (&[("DOMAIN", "localhost")], "a host name with a dot"),
        (&[DOMAIN, ("PUBLIC_URL", "http://node.example")], "https:// and a host"),
        (&[DOMAIN, ("PUBLIC_URL", "https://node.example/sub")], "without a port and a path"),
        (&[DOMAIN, ("PUBLIC_URL", "https://a:b@node.example")], "https:// and a host"),
        (&[DOMAIN, ("DEVELOPMENT_HOSTS", "a.test=127.0.0.1:1")], "in development mode"),
        (&[DOMAIN, ("DEVELOPMENT_CA_FILE", "ca.pem")], "in development mode"),
        (&[("DEVELOPMENT_HOSTS", "a.test")], "name=127.0.0.1:port"),
        (&[("TRUSTED_PROXIES", "10.0.0.0/40")], "networks"),
        (&[("DATABASE_URL", "mysql://x")], "sqlite:PATH or postgres://"),
        (&[("DATABASE_URL", "sqlite:")], "sqlite:PATH or postgres://"),
        (&[("MIN_ACCOUNT_AGE_DAYS", "-1")], "a number from 0 to 365"),
        (&[("MAX_POST_CHARS", "5")], "a number from 100 to 100000"),
        (&[("HTTP_WORKERS", "x")], "a number from 0 to 256"),
        (&[("CONTACT_EMAIL", "nobody")], "an e-mail address"),
        (&[("LOG", "loud")], "trace"),
        (&[("METRICS_TOKEN", "short")], "metrics_token = \"(hidden)\""),
    ] {
        let error = load(env).unwrap_err().to_string();
        assert!(error.contains(says), "{env:?}: {error}");
    }
}

#[test]
fn no_message_shows_a_secret() {
    let secret = "hunter2hunter2hunter2";
    let broken = format!("postgres//me:{secret}@db/x");
    let config = load(&[
        ("METRICS_TOKEN", secret),
        ("DATABASE_URL", &format!("postgres://me:{secret}@db/x")),
    ]);
    assert!(!format!("{:?}", config.unwrap()).contains(secret));
    for env in [[("METRICS_TOKEN", "hunter2")], [("DATABASE_URL", broken.as_str())]] {
        let error = load(&env).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
}

#[test]
fn unknown_names_are_an_error_in_a_file_and_a_warning_in_the_environment() {
    let error = load_file("domian = \"node.example\"", &[]).unwrap_err().to_string();
    assert!(error.ends_with("has the unknown key \"domian\"; did you mean \"domain\"?"), "{error}");
    let error = load_file("[server]\nport = 1", &[]).unwrap_err().to_string();
    assert!(error.contains("unknown key \"server\""), "{error}");
    assert!(load_file("title = {}", &[]).unwrap_err().to_string().contains("a table"));
    let config = load(&[("DOMIAN", "x"), ("TEST_FIXTURES", "y")]).unwrap();
    assert_eq!(config.unknown_variables, ["COMMONHOLD_DOMIAN"]);
    let missing = Config::load(Some(Path::new("/nonexistent.toml")), std::iter::empty());
    assert!(missing.unwrap_err().to_string().contains("/nonexistent.toml"));
}

#[test]
fn addresses_are_confirmed_where_mail_can_be_sent() {
    let config = load(&[]).unwrap();
    assert!(config.smtp_url.is_none() && !config.confirm_email);
    assert_eq!(config.mail_from, "no-reply@localhost");
    let url = ("SMTP_URL", "smtps://me:hunter2@mail.example");
    let config = load(&[url, ("MAIL_FROM", "Oak <post@oak.example>")]).unwrap();
    assert!(config.confirm_email);
    assert_eq!(config.mail_from, "Oak <post@oak.example>");
    assert!(!format!("{config:?}").contains("hunter2"));
    assert!(!load(&[url, ("CONFIRM_EMAIL", "false")]).unwrap().confirm_email);
    let error = load(&[("CONFIRM_EMAIL", "true")]).unwrap_err().to_string();
    assert!(error.contains("smtp_url"), "{error}");
    let error = load(&[("SMTP_URL", "https://me:hunter2@mail.example")]).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
}

#[test]
fn a_bucket_needs_a_key_and_its_secret_is_never_shown() {
    let bucket = ("MEDIA_STORE", "s3://oak");
    let error = load(&[bucket]).unwrap_err().to_string();
    assert!(error.contains("s3_access_key_id"), "{error}");
    let error = load(&[bucket, ("S3_ACCESS_KEY_ID", "node")]).unwrap_err().to_string();
    assert!(error.contains("s3_secret_access_key"), "{error}");
    let key = [bucket, ("S3_ACCESS_KEY_ID", "node"), ("S3_SECRET_ACCESS_KEY", "hunter2")];
    let config = load(&key).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
    for (name, value) in [
        ("MEDIA_STORE", "gs://oak"),
        ("S3_ENDPOINT", "https://s3.example/oak"),
        ("S3_ENDPOINT", "ftp://s3.example"),
        ("FFMPEG", "ffmpeg"),
        ("MEDIA_CACHE_BYTES", "1"),
        ("MEMBER_QUOTA_BYTES", "-1"),
        ("MAX_VIDEO_BYTES", "many"),
    ] {
        let error = load(&[(name, value)]).unwrap_err().to_string();
        assert!(error.contains(&name.to_ascii_lowercase()), "{error}");
    }
    assert_eq!(load(&[("MEMBER_QUOTA_BYTES", "0")]).unwrap().media.quota_bytes, None);
}
