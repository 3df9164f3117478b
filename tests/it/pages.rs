//! The web pages in Chromium: a newcomer's whole way, with and without scripts.
use reqwest::Method;
use serde_json::json;

use crate::harness::{Browser, Database, Look, Member, Node, Setup, eventually, id};

stories!(
    a_newcomers_way_on_a_desktop,
    a_newcomers_way_on_a_phone_without_scripts,
    every_page_keeps_the_content_policy,
    what_people_write_stays_text,
);

async fn a_newcomers_way_on_a_desktop(database: Database) {
    newcomers_way(database, Look::DESKTOP, "desktop").await;
}

async fn a_newcomers_way_on_a_phone_without_scripts(database: Database) {
    newcomers_way(database, Look::PHONE, "phone").await;
}

/// From the link of the first start to a counted thank-you, by forms alone.
async fn newcomers_way(database: Database, look: Look, kind: &str) {
    let node = Setup::new(database).in_a_terminal().start().await;
    let origin = node.origin();
    let operator = Browser::open(look).await;

    // The link of the first start makes its visitor the operator, once.
    let link = first_visit_link(&node).await;
    operator.goes_to(&link).await;
    operator.pictures(&format!("{kind}-set-up")).await;
    operator.fills("title", "Under the Oak").await;
    operator.fills("username", "olga").await;
    operator.fills("email", "olga@example.org").await;
    operator.fills("password", Member::PASSWORD).await;
    operator.presses("Open the doors").await;
    operator.sees("Under the Oak").await;
    let again = node.public().try_get(&link).await;
    assert!(!again.text.contains("Open the doors"), "the link works once: {}", again.text);

    // She starts a group, the why first.
    operator.goes_to(&format!("{origin}/groups/new")).await;
    operator.fills("purpose", "So that nothing is thrown away that a neighbour could fix").await;
    operator.fills("title", "Repair café").await;
    operator.fills("name", "repairs").await;
    operator.presses("Start the group").await;
    operator.sees("Repair café").await;
    operator.pictures(&format!("{kind}-new-group")).await;

    // A newcomer joins the node and the group, and asks.
    let ben = Browser::open(look).await;
    ben.goes_to(&origin).await;
    ben.sees("nothing is thrown away").await;
    ben.pictures(&format!("{kind}-front")).await;
    ben.goes_to(&format!("{origin}/auth/sign_up")).await;
    ben.fills("username", "ben").await;
    ben.fills("email", "ben@example.org").await;
    ben.fills("password", "short").await;
    ben.presses("Join").await;
    ben.sees("Something is missing or wrong").await;
    ben.fills("password", Member::PASSWORD).await;
    ben.follows("#sign-up button").await;
    ben.sees("ben").await;
    ben.goes_to(&format!("{origin}/@repairs")).await;
    ben.presses("Join").await;
    ben.sees("you are a member").await;
    ben.presses("Ask the group").await;
    ben.fills("title", "My tap drips").await;
    ben.fills("body", "It drips **all night**. Who can help?").await;
    ben.presses("Preview").await;
    ben.sees("This is how it will look").await;
    ben.follows("button[value='post']").await;
    ben.sees("Nobody has answered yet").await;
    let thread = ben.at().await;
    ben.pictures(&format!("{kind}-thread")).await;

    // The operator answers, and he says that it helped.
    operator.goes_to(&thread).await;
    operator.fills("body", "A new washer fixed mine.").await;
    operator.follows("#answer button[value='post']").await;
    operator.sees("A new washer fixed mine.").await;
    ben.goes_to(&thread).await;
    ben.sees("A new washer fixed mine.").await;
    ben.presses("This helped me").await;
    ben.sees("What helped").await;
    ben.pictures(&format!("{kind}-helped")).await;
    ben.goes_to(&format!("{origin}/@repairs")).await;
    // The operator is staff: her help stands apart.
    ben.sees("People who run this server helped once").await;
    ben.pictures(&format!("{kind}-group")).await;
    assert_no_sideways_scroll(&ben, look).await;

    // Settings are his own.
    ben.goes_to(&format!("{origin}/settings")).await;
    ben.fills("display_name", "Ben of the Hill").await;
    ben.presses("Save").await;
    ben.goes_to(&format!("{origin}/@ben")).await;
    ben.sees("Ben of the Hill").await;
    ben.pictures(&format!("{kind}-profile")).await;
    ben.goes_to(&format!("{origin}/settings/help")).await;
    ben.sees("Helped by").await;
    ben.pictures(&format!("{kind}-settings-help")).await;
    if look.javascript {
        assert_eq!(ben.complaints().await, Vec::<String>::new());
        assert_eq!(operator.complaints().await, Vec::<String>::new());
    }

    // Out, and in again.
    ben.goes_to(&format!("{origin}/auth/sign_out")).await;
    ben.follows("main form button").await;
    ben.sees("Sign in").await;
    ben.goes_to(&format!("{origin}/auth/sign_in")).await;
    ben.fills("username", "ben").await;
    ben.fills("password", Member::PASSWORD).await;
    ben.follows("#sign-in button").await;
    ben.sees("Write").await;
    ben.closes().await;
    operator.closes().await;
}

pub async fn first_visit_link(node: &Node) -> String {
    eventually("a first-visit link is printed", || async {
        let start = format!("{}/", node.origin());
        let printed = node.log();
        let link = printed
            .split(|c: char| c.is_whitespace() || "\"'<>".contains(c))
            .find(|word| word.starts_with(&start) && word.len() > start.len() + 16);
        link.map(str::to_owned)
    })
    .await
}

async fn assert_no_sideways_scroll(browser: &Browser, look: Look) {
    let widths =
        browser.evaluates("return [document.documentElement.scrollWidth, innerWidth]").await;
    let (page, window) = (widths[0].as_u64().unwrap(), widths[1].as_u64().unwrap());
    assert!(page <= window, "the page is {page} wide in a window of {window}");
    assert!(window <= u64::from(look.width));
}

async fn every_page_keeps_the_content_policy(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    node.group("repairs", "We mend things together", "ana").await;
    let post = ana.posts("My tap drips @repairs").await;
    // A thread has its page with its group; the author's address of it leads there.
    let own = node.public().try_get(&format!("/@ana/{}", id(&post))).await;
    let thread = format!("/@repairs/{}", id(&post));
    assert_eq!((own.status.as_u16(), own.header("location")), (303, thread.as_str()));
    let paths = [
        "/",
        "/about",
        "/auth/sign_in",
        "/auth/sign_up",
        "/@ana",
        "/@repairs",
        &thread,
        "/@nobody",
    ];
    for path in paths {
        let page = node.public().try_get(path).await;
        let policy = page.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") || policy.contains("default-src 'self'"),
            "{path}: {policy}"
        );
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("unsafe-eval"),
            "{path}: {policy}"
        );
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(policy.contains("form-action"), "{path}: {policy}");
        assert!(page.header("content-type").starts_with("text/html"), "{path}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert!(!page.text.contains(" style=") && !page.text.contains(" onclick="), "{path}");
    }
    assert_eq!(node.public().try_get("/@nobody").await.status, 404);
    assert_eq!(node.public().try_get("/@repairs").await.status, 200);

    // A browser asks for anything, and gets the page; a server is led to the id.
    let asked = node.public().request(Method::GET, "/@ana").header("Accept", "*/*");
    assert!(node.public().send(asked).await.header("content-type").starts_with("text/html"));
    let accept = "application/activity+json";
    let asked = node.public().request(Method::GET, "/@ana").header("Accept", accept);
    let led = node.public().send(asked).await;
    assert!(led.status.is_redirection(), "{}", led.status);
    assert!(led.header("location").ends_with("/u/ana"), "{}", led.header("location"));
    let actor = node.public().activity("/u/ana").await;
    assert_eq!((&actor["type"], &actor["preferredUsername"]), (&json!("Person"), &json!("ana")));

    // A form from elsewhere does nothing.
    let forged =
        [("username", "eve"), ("email", "eve@example.org"), ("password", Member::PASSWORD)];
    let answer = node.public().try_form("/auth/sign_up", &forged).await;
    assert!(!answer.status.is_success() && !answer.status.is_redirection(), "{}", answer.status);
    node.public().try_get("/api/v1/accounts/lookup?acct=eve").await.refused(404);
}

async fn what_people_write_stays_text(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    let evil = "<script>document.title='gotcha'</script><img src=x onerror=\"document.title='gotcha'\"> \
                [click](javascript:alert(1))";
    let post = ana.posts(evil).await;
    let request = ana.api.request(Method::PATCH, "/api/v1/accounts/update_credentials");
    let change = json!({"display_name": "<script>x</script><b onclick=y>gotcha", "note": evil});
    ana.api.send(request.json(&change)).await.ok();
    let browser = Browser::open(Look::DESKTOP).await;
    for path in [format!("/@ana/{}", id(&post)), "/@ana".to_owned()] {
        browser.goes_to(&format!("{}{path}", node.origin())).await;
        browser.sees("gotcha").await;
        assert_ne!(browser.evaluates("return document.title").await, "gotcha");
        let source = browser.source().await;
        assert!(
            !source.contains("<script>document") && !source.contains("href=\"javascript:"),
            "{source}"
        );
        assert!(!browser.has("main img[onerror]").await);
    }
    browser.closes().await;
}
