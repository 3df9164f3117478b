//! A person at a keyboard: does what a Mastodon client can do.
use serde_json::{Value, json};

use super::{Answer, Api, Node, eventually};

/// A member of one node, with a token for its client API.
pub struct Member {
    pub api: Api,
    pub name: String,
    /// Name and domain, as others write it after an @.
    pub handle: String,
    pub id: String,
    pub token: String,
}

impl Member {
    /// Every member's password.
    pub const PASSWORD: &'static str = "correct horse battery staple";

    pub(super) async fn new(node: &Node, name: &str, token: &str) -> Self {
        let api = Api::with_token(&node.origin(), token);
        let me = api.get("/api/v1/accounts/verify_credentials").await;
        Self {
            id: id(&me),
            handle: format!("{name}@{}", node.domain()),
            name: name.to_owned(),
            token: token.to_owned(),
            api,
        }
    }

    pub fn email(&self) -> String {
        format!("{}@example.org", self.name)
    }

    /// The account of `handle`, looked up over the network when it is not known yet.
    pub async fn finds(&self, handle: &str) -> Value {
        let path = "/api/v2/search";
        let query = [("q", handle), ("resolve", "true"), ("type", "accounts")];
        let request = self.api.request(reqwest::Method::GET, path).query(&query);
        let found = self.api.send(request).await.ok();
        found["accounts"].get(0).cloned().unwrap_or_else(|| panic!("{handle} is not found"))
    }

    /// Follows (joins) `handle` and waits until that is accepted; gives the account's id here.
    pub async fn joins(&self, handle: &str) -> String {
        let account = id(&self.finds(handle).await);
        self.api.post(&format!("/api/v1/accounts/{account}/follow"), json!({})).await;
        eventually(&format!("{handle} accepts {}", self.name), || async {
            let path = format!("/api/v1/accounts/relationships?id[]={account}");
            let relationship = self.api.get(&path).await;
            (relationship[0]["following"] == true).then_some(())
        })
        .await;
        account
    }

    pub async fn try_posts(&self, text: &str) -> Answer {
        self.api.try_post("/api/v1/statuses", json!({ "status": text })).await
    }

    pub async fn posts(&self, text: &str) -> Value {
        self.try_posts(text).await.ok()
    }

    /// Answers `status` (an id or a status).
    pub async fn replies(&self, status: &Value, text: &str) -> Value {
        let body = json!({ "status": text, "in_reply_to_id": id(status) });
        self.api.post("/api/v1/statuses", body).await
    }

    /// One of the actions on a status: `favourite`, `reblog`, `thanks` ...
    pub async fn does(&self, action: &str, status: &Value) -> Value {
        self.api.post(&format!("/api/v1/statuses/{}/{action}", id(status)), json!({})).await
    }

    pub async fn try_does(&self, action: &str, status: &Value) -> Answer {
        self.api.try_post(&format!("/api/v1/statuses/{}/{action}", id(status)), json!({})).await
    }

    /// The newest page of the home timeline.
    pub async fn home(&self) -> Vec<Value> {
        self.api.get("/api/v1/timelines/home?limit=40").await.as_array().unwrap().clone()
    }

    /// The status on the home timeline that contains `text`, boosted or not; waits for it.
    pub async fn sees(&self, text: &str) -> Value {
        eventually(&format!("{} sees {text:?}", self.name), || async {
            self.home().await.iter().map(original).find(|status| says(status, text)).cloned()
        })
        .await
    }

    /// The descendants of `status` as its thread shows them.
    pub async fn thread(&self, status: &Value) -> Vec<Value> {
        let context = self.api.get(&format!("/api/v1/statuses/{}/context", id(status))).await;
        context["descendants"].as_array().unwrap().clone()
    }

    /// The answer below `status` that contains `text`; waits for it.
    pub async fn sees_below(&self, status: &Value, text: &str) -> Value {
        eventually(&format!("{} sees {text:?} in the thread", self.name), || async {
            self.thread(status).await.into_iter().find(|answer| says(answer, text))
        })
        .await
    }

    /// The notification of this kind from `acct`; waits for it.
    pub async fn is_told(&self, kind: &str, acct: &str) -> Value {
        eventually(&format!("{} is told of a {kind} by {acct}", self.name), || async {
            let all = self.api.get("/api/v1/notifications?limit=80").await;
            let mut all = all.as_array().unwrap().iter();
            all.find(|n| n["type"] == kind && n["account"]["acct"] == acct).cloned()
        })
        .await
    }
}

/// The id of an entity, or the text itself.
pub fn id(entity: &Value) -> String {
    let id = entity.as_str().or_else(|| entity["id"].as_str());
    id.unwrap_or_else(|| panic!("no id in {entity}")).to_owned()
}

/// What was boosted, or the status itself.
pub fn original(status: &Value) -> &Value {
    if status["reblog"].is_object() { &status["reblog"] } else { status }
}

/// Whether a status' HTML contains `text`.
pub fn says(status: &Value, text: &str) -> bool {
    status["content"].as_str().is_some_and(|content| content.contains(text))
}
