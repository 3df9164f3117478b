//! Signing in: two-factor, letters with links, wrong passwords, sessions and apps.
mod browser;
mod letters;
mod sessions;
mod tries;
mod two_factor;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use totp_rs::{Builder, Secret};

use crate::harness::{Member, Node, Surfer, eventually_within};

/// The app on somebody's phone that makes codes.
pub struct Phone {
    secret: String,
    used: u64,
}

impl Phone {
    /// Set up with the secret that a page shows.
    pub fn with(secret: &str) -> Self {
        Self { secret: secret.replace(' ', ""), used: 0 }
    }

    /// The code of a step of 30 seconds.
    fn code_of(&self, step: u64) -> String {
        let secret = Secret::try_from_base32(&self.secret).expect("a secret");
        let app = Builder::new().with_secret(secret).build().unwrap();
        app.generate(step * 30).to_string()
    }

    /// A code that was not used yet and is taken now: a clock may be one step off. After three of them
    /// the next takes until the clock goes on.
    pub async fn code(&mut self) -> String {
        let step = eventually_within(Duration::from_secs(70), "the next code", || async {
            let step = (self.used + 1).max(now() - 1);
            (step <= now() + 1).then_some(step)
        })
        .await;
        self.used = step;
        self.code_of(step)
    }

    /// Six digits that are no code of now, nor of the steps around it.
    pub fn wrong_code(&self) -> String {
        let right: Vec<String> = (now() - 3..now() + 4).map(|step| self.code_of(step)).collect();
        let mut codes = (0..100).map(|number| format!("{number:06}"));
        codes.find(|code| !right.contains(code)).unwrap()
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / 30
}

/// Switches two-factor on for whoever is signed in; their phone and recovery codes.
pub async fn switched_on(surfer: &mut Surfer) -> (Phone, Vec<String>) {
    surfer.opens("/settings/two-factor").await;
    surfer.sends("begin", &[("password", Member::PASSWORD)]).await.sees("Show this to your app");
    let mut phone = Phone::with(&surfer.text("secret"));
    let code = phone.code().await;
    surfer.sends("finish", &[("code", &code)]).await.sees("Your recovery codes");
    let codes = surfer.page.split("name=\"code\" value=\"").skip(1);
    (phone, codes.map(|rest| rest.split('"').next().unwrap().to_owned()).collect())
}

/// An app that may be sent back to `redirect`.
pub async fn app(node: &Node, redirect: &str) -> Value {
    let form = [
        ("client_name", "Ivory"),
        ("redirect_uris", redirect),
        ("scopes", "read write follow push"),
        ("website", "https://tapbots.com"),
    ];
    node.public().try_form("/api/v1/apps", &form).await.ok()
}

/// Where an app sends a member to be let in.
pub fn authorize_path(app: &Value, redirect: &str, scope: &str) -> String {
    let id = app["client_id"].as_str().unwrap();
    let query = [
        ("client_id", id),
        ("response_type", "code"),
        ("redirect_uri", redirect),
        ("scope", scope),
        ("state", "st/ate?&=%"),
    ];
    let url = url::Url::parse_with_params("http://x/oauth/authorize", query).unwrap();
    format!("{}?{}", url.path(), url.query().unwrap())
}

/// The token for the code that stands in the address which an app was called back with.
pub async fn token(node: &Node, app: &Value, redirect: &str, called_back: &str) -> String {
    let back = url::Url::parse(called_back).unwrap();
    let get = |name: &str| back.query_pairs().find(|(n, _)| n == name).unwrap().1.into_owned();
    assert_eq!(get("state"), "st/ate?&=%");
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", app["client_id"].as_str().unwrap()),
        ("client_secret", app["client_secret"].as_str().unwrap()),
        ("redirect_uri", redirect),
        ("code", &get("code")),
    ];
    let token = node.public().try_form("/oauth/token", &form).await.ok();
    token["access_token"].as_str().unwrap().to_owned()
}
