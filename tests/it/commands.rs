//! The command line, beside a running node and without one.
use std::time::Duration;

use serde_json::json;

use crate::harness::{Api, Database, Member, Node, eventually, eventually_within, id};

stories!(commands_work_while_the_node_runs, a_process_whose_share_of_ids_is_taken_ends);

async fn commands_work_while_the_node_runs(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    ana.posts("I am here at once").await;

    // Each command is seen by the running node at once.
    let group = node.group("garden", "We grow things", "ana").await;
    assert_eq!(group["group"], true);
    assert!(group["note"].as_str().unwrap().contains("We grow things"), "{group}");

    let refused = node.run_with(&["member", "create", "ana", "--email", "x@example.org"], "");
    assert!(!refused.status.success(), "a name is given once");
    let refused =
        node.run_with(&["group", "create", "ana", "--purpose", "x", "--founder", "ana"], "");
    assert!(!refused.status.success(), "groups and members share their names");
    let refused =
        node.run_with(&["group", "create", "x", "--purpose", "x", "--founder", "nobody"], "");
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("nobody"));

    // A new password ends what was signed in with the old one.
    let reset = node.run_with(&["member", "reset-password", "ana"], "");
    assert!(reset.status.success(), "{}", String::from_utf8_lossy(&reset.stderr));
    let form = |password: &str| {
        [("grant_type", "password"), ("username", "ana@example.org"), ("password", password)]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
    };
    let app =
        json!({"client_name": "x", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": "read"});
    let app = node.public().post("/api/v1/apps", app).await;
    let mut old = form(Member::PASSWORD).to_vec();
    for key in ["client_id", "client_secret"] {
        old.push((key.to_owned(), app[key].as_str().unwrap().to_owned()));
    }
    let old: Vec<(&str, &str)> = old.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    node.public().try_form("/oauth/token", &old).await.refused(400);

    // Suspended: their token ends, their posts are gone from view.
    let ben = node.member("ben").await;
    let post = ben.posts("Soon gone").await;
    node.run(&["member", "suspend", "ben"]);
    let path = format!("/api/v1/statuses/{}", id(&post));
    eventually("a suspended member is out", || async {
        let out = ben.api.try_get("/api/v1/accounts/verify_credentials").await.status;
        let gone = node.public().try_get(&path).await.status;
        (matches!(out.as_u16(), 401 | 403) && gone == 404).then_some(())
    })
    .await;

    // Deleted.
    let chloe = node.member("chloe").await;
    chloe.posts("Also gone").await;
    node.run_with(&["member", "delete", "chloe"], "").status.success().then_some(()).unwrap();
    eventually("a deleted member is gone", || async {
        let lookup = node.public().try_get("/api/v1/accounts/lookup?acct=chloe").await.status;
        let finger = format!("/.well-known/webfinger?resource=acct:{}", chloe.handle);
        let finger = node.public().try_get(&finger).await.status;
        (lookup == 404 && matches!(finger.as_u16(), 404 | 410)).then_some(())
    })
    .await;

    // What is data can be had as JSON.
    let token = node.run(&["member", "token", "ana", "--scopes", "read", "--json"]);
    let token: serde_json::Value = serde_json::from_str(&token).unwrap();
    let mine = Api::with_token(&node.origin(), token["token"].as_str().unwrap());
    assert_eq!(mine.get("/api/v1/accounts/verify_credentials").await["username"], "ana");

    assert!(node.run_with(&["migrate"], "").status.success(), "migrating twice changes nothing");
    let doctor = node.run_with(&["doctor"], "");
    assert!(doctor.status.success(), "{}", String::from_utf8_lossy(&doctor.stdout));
    assert!(node.run_with(&["config", "check"], "").status.success());
}

#[test]
fn help_and_exit_codes_are_as_people_expect() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        crate::harness::command(folder.path(), &[]).args(arguments).output().unwrap()
    };
    let help = run(&["--help"]);
    assert!(help.status.success());
    let text = String::from_utf8_lossy(&help.stdout).into_owned();
    for word in ["serve", "member", "group", "migrate", "config", "doctor"] {
        assert!(text.contains(word), "{word} is not in --help");
    }
    assert!(run(&["--version"]).status.success());
    assert_eq!(run(&["frobnicate"]).status.code(), Some(2), "a mistake in the words is 2");
    assert_eq!(run(&["member", "create"]).status.code(), Some(2));
    assert!(run(&["member", "create", "--help"]).status.success());
    let nothing = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(nothing, 0, "asking for help writes nothing");
}

/// Two processes that make the same ids would overwrite each other's posts: the one that was stopped
/// for too long, and another took its share, ends.
async fn a_process_whose_share_of_ids_is_taken_ends(database: Database) {
    let node = Node::start(database).await;
    node.tampers("UPDATE leases SET holder = 'another process'");
    let minute = Duration::from_secs(90);
    let code = eventually_within(minute, "it ends", || async { node.ended() }).await;
    assert_eq!(code, 4);
    assert!(node.log().contains("no id is given twice"), "{}", node.log());
}
