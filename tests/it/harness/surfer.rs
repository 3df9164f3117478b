//! Somebody who uses the pages without a script: keeps cookies, follows links, fills in forms.
use std::collections::BTreeMap;

use reqwest::StatusCode;

use super::{Answer, Member, Node};

/// A browser of the plainest kind.
pub struct Surfer {
    http: reqwest::Client,
    origin: String,
    /// The page that is shown.
    pub page: String,
    pub status: StatusCode,
    /// The path of the page.
    pub at: String,
    /// The address outside of the node that was led to, if it was.
    pub away: Option<String>,
    pub headers: reqwest::header::HeaderMap,
}

impl Surfer {
    /// A browser that nobody used, by the word it says of itself.
    pub fn new(node: &Node, agent: &str) -> Self {
        let http = reqwest::Client::builder()
            .cookie_store(true)
            .user_agent(agent)
            .pool_max_idle_per_host(0)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let (status, headers) = (StatusCode::OK, reqwest::header::HeaderMap::new());
        let (page, at) = (String::new(), String::new());
        Self { http, origin: node.origin(), page, status, at, away: None, headers }
    }

    /// Opens a path of the node, or a whole address on it, and follows where it leads.
    pub async fn opens(&mut self, path: &str) -> &mut Self {
        let path = path.strip_prefix(&self.origin).unwrap_or(path);
        let request = self.http.get(format!("{}{path}", self.origin));
        self.arrives(path, request).await;
        self
    }

    /// Fills in the form of this id and sends it; what is not named stays as the page has it.
    pub async fn sends(&mut self, form: &str, fields: &[(&str, &str)]) -> &mut Self {
        let (action, mut all) = self.form(form);
        for (name, value) in fields {
            all.retain(|(known, _)| known != name);
            all.push(((*name).to_owned(), (*value).to_owned()));
        }
        let request = self.http.post(format!("{}{action}", self.origin)).form(&all);
        self.arrives(&action, request).await;
        self
    }

    /// The same with a file: field, name and bytes.
    pub async fn sends_file(
        &mut self,
        form: &str,
        fields: &[(&str, &str)],
        (field, name, bytes): (&str, &str, Vec<u8>),
    ) -> &mut Self {
        let (action, mut all) = self.form(form);
        all.retain(|(known, _)| known != field && fields.iter().all(|(name, _)| name != known));
        let typed = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let file = reqwest::multipart::Part::bytes(bytes).file_name(name.to_owned());
        let parts = reqwest::multipart::Form::new().part(field.to_owned(), file);
        let parts = all.into_iter().chain(typed).fold(parts, |all, (k, v)| all.text(k, v));
        let request = self.http.post(format!("{}{action}", self.origin)).multipart(parts);
        self.arrives(&action, request).await;
        self
    }

    /// Presses the button in the row that says `words`: the form before it is sent.
    pub async fn presses_by(&mut self, words: &str) -> &mut Self {
        let at = self.page.find(words).unwrap_or_else(|| panic!("no {words:?} on {}", self.page));
        let start = self.page[..at].rfind("<form").expect("a form around it");
        let end = at + self.page[at..].find("</form>").unwrap();
        let (action, fields) = read(&self.page[start..end]);
        let request = self.http.post(format!("{}{action}", self.origin)).form(&fields);
        self.arrives(&action, request).await;
        self
    }

    async fn arrives(&mut self, path: &str, request: reqwest::RequestBuilder) {
        self.away = None;
        path.clone_into(&mut self.at);
        let mut response = request.send().await.expect("the node answers");
        for _ in 0..5 {
            if !response.status().is_redirection() {
                break;
            }
            let to = response.headers()["location"].to_str().unwrap().to_owned();
            let to = to.strip_prefix(&self.origin).unwrap_or(&to).to_owned();
            if !to.starts_with('/') {
                self.away = Some(to);
                break;
            }
            self.at.clone_from(&to);
            response = self.http.get(format!("{}{to}", self.origin)).send().await.unwrap();
        }
        self.status = response.status();
        self.headers = response.headers().clone();
        self.page = response.text().await.unwrap();
    }

    /// The page says this.
    pub fn sees(&self, words: &str) -> &Self {
        assert!(self.page.contains(words), "no {words:?} at {}:\n{}", self.at, self.page);
        self
    }

    /// The page does not say this.
    pub fn sees_no(&self, words: &str) -> &Self {
        assert!(!self.page.contains(words), "{words:?} at {}:\n{}", self.at, self.page);
        self
    }

    /// The text of the element with this id.
    pub fn text(&self, id: &str) -> String {
        let mark = format!("id=\"{id}\"");
        let at = self.page.find(&mark).unwrap_or_else(|| panic!("no #{id} on {}", self.page));
        let rest = &self.page[at..];
        let start = rest.find('>').unwrap() + 1;
        rest[start..].split('<').next().unwrap().trim().to_owned()
    }

    fn form(&self, id: &str) -> (String, Vec<(String, String)>) {
        let mark = format!("id=\"{id}\"");
        let mut forms = self.page.split("<form").skip(1);
        let form = forms.find(|form| form.split('>').next().unwrap().contains(&mark));
        let form = form.unwrap_or_else(|| panic!("no form #{id} at {}:\n{}", self.at, self.page));
        read(form.split("</form>").next().unwrap())
    }

    /// Gives name and password.
    pub async fn tries(&mut self, name: &str, password: &str) -> &mut Self {
        self.opens("/auth/sign_in").await;
        self.sends("sign-in", &[("username", name), ("password", password)]).await
    }

    /// Signs in a member whose password is [`Member::PASSWORD`].
    pub async fn signs_in(&mut self, name: &str) -> &mut Self {
        self.tries(name, Member::PASSWORD).await
    }

    /// Whether somebody is signed in here.
    pub async fn is_in(&mut self) -> bool {
        self.opens("/settings/account").await;
        self.at == "/settings/account"
    }

    /// What was answered, for those who look closer.
    pub fn answer(&self) -> Answer {
        Answer { status: self.status, headers: self.headers.clone(), text: self.page.clone() }
    }
}

/// Where a form goes, and what it sends if nobody touches it.
fn read(form: &str) -> (String, Vec<(String, String)>) {
    let action = attribute(form, "action").expect("a form goes somewhere");
    let inputs = form.split("<input").skip(1).map(|input| input.split('>').next().unwrap());
    let fields = inputs.filter_map(|input| {
        let kind = attribute(input, "type").unwrap_or_default();
        let choice = kind == "radio" || kind == "checkbox";
        if choice && !input.contains(" checked") {
            return None;
        }
        Some((attribute(input, "name")?, attribute(input, "value").unwrap_or_default()))
    });
    (action, fields.collect())
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split(&format!("{name}=\"")).nth(1)?.split('"').next()?;
    let entities = BTreeMap::from([
        ("&#34;", "\""),
        ("&#38;", "&"),
        ("&#39;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&amp;", "&"),
    ]);
    let value = entities.iter().fold(value.to_owned(), |text, (from, to)| text.replace(from, to));
    Some(value)
}
