//! A real Chromium, driven over WebDriver, with a profile nobody used.
use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use fantoccini::{
    Client, ClientBuilder, Locator, elements::Element, wd::WebDriverCompatibleCommand,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Member, Node, eventually_within, free_port};

/// How the page is looked at.
#[derive(Clone, Copy)]
pub struct Look {
    pub width: u32,
    pub height: u32,
    pub phone: bool,
    pub javascript: bool,
    pub dark: bool,
}

impl Look {
    pub const DESKTOP: Self =
        Self { width: 1280, height: 900, phone: false, javascript: true, dark: false };
    pub const PHONE: Self =
        Self { width: 390, height: 844, phone: true, javascript: false, dark: false };
}

/// One person's browser.
pub struct Browser {
    client: Client,
    driver: Driver,
}

struct Driver {
    child: Child,
    _profile: TempDir,
}

impl Browser {
    pub async fn open(look: Look) -> Self {
        let port = free_port();
        let profile = tempfile::tempdir().unwrap();
        let child = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed: run `scripts/setup-tests`");
        let capabilities = capabilities(look, profile.path());
        let driver = Driver { child, _profile: profile };
        let address = format!("http://127.0.0.1:{port}");
        let wait = Duration::from_secs(60);
        let client = eventually_within(wait, "chromium starts", || async {
            let mut builder = ClientBuilder::rustls().unwrap();
            builder.capabilities(capabilities.as_object().unwrap().clone());
            builder.connect(&address).await.ok()
        })
        .await;
        Self { client, driver }
    }

    pub async fn goes_to(&self, url: &str) {
        // The driver may close a connection that was idle just as it is used again.
        if self.client.goto(url).await.is_err() {
            self.client.goto(url).await.unwrap();
        }
    }

    /// Where the browser is.
    pub async fn at(&self) -> String {
        self.client.current_url().await.unwrap().to_string()
    }

    pub async fn source(&self) -> String {
        self.client.source().await.unwrap()
    }

    /// Waits until the page shows `text`.
    pub async fn sees(&self, text: &str) {
        let wait = Duration::from_secs(60);
        let what = format!("the page shows {text:?}");
        eventually_within(wait, &what, || async {
            self.text_or_nothing().await.contains(text).then_some(())
        })
        .await;
    }

    /// The element of a CSS selector; waits for it.
    pub async fn find(&self, css: &str) -> Element {
        self.locate(Locator::Css(css), css).await
    }

    async fn locate(&self, locator: Locator<'_>, what: &str) -> Element {
        let found = self.client.wait().at_most(Duration::from_secs(60)).for_element(locator).await;
        match found {
            Ok(element) => element,
            Err(error) => {
                let (at, text) = (self.at().await, self.text_or_nothing().await);
                panic!("no {what} at {at} ({error}), which shows:\n{text}")
            }
        }
    }

    async fn text_or_nothing(&self) -> String {
        match self.client.find(Locator::Css("body")).await {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Whether there is an element of this CSS selector now.
    pub async fn has(&self, css: &str) -> bool {
        self.client.find(Locator::Css(css)).await.is_ok()
    }

    /// Writes into a form field by its name.
    pub async fn fills(&self, name: &str, value: &str) {
        let field = self.find(&format!("[name='{name}']")).await;
        field.clear().await.unwrap();
        field.send_keys(value).await.unwrap();
    }

    /// Presses the button, or follows the link, that carries this text.
    pub async fn presses(&self, label: &str) {
        let path = format!(
            "//button[contains(normalize-space(.), \"{label}\")] \
             | //a[contains(normalize-space(.), \"{label}\")] \
             | //summary[contains(normalize-space(.), \"{label}\")] \
             | //input[@type='submit' and contains(@value, \"{label}\")]"
        );
        let pressed = self.locate(Locator::XPath(&path), label).await;
        if pressed.tag_name().await.unwrap() == "summary" {
            pressed.click().await.unwrap();
        } else {
            self.leaves_by(pressed, label).await;
        }
    }

    /// Presses what leads to another page, by its CSS selector.
    pub async fn follows(&self, css: &str) {
        self.leaves_by(self.find(css).await, css).await;
    }

    /// Clicks and waits until another document is there: whoever goes elsewhere sooner would be
    /// called back by the answer to the click.
    async fn leaves_by(&self, way: Element, what: &str) {
        let before = self.document().await;
        way.click().await.unwrap();
        let wait = Duration::from_secs(60);
        eventually_within(wait, &format!("another page after {what:?}"), || async {
            let now = self.document().await;
            (now.is_some() && now != before).then_some(())
        })
        .await;
    }

    /// What names the document that is shown: another one has another root.
    async fn document(&self) -> Option<String> {
        let root = self.client.find(Locator::Css("html")).await.ok()?;
        Some(root.element_id().to_string())
    }

    /// Runs a script of the test's own in the page.
    pub async fn evaluates(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// What a link of this person's leads to that is no page: a file, as they get it.
    pub async fn downloads(&self, node: &Node, path: &str) -> String {
        let cookies = self.client.get_all_cookies().await.unwrap();
        let jar: Vec<String> =
            cookies.iter().map(|cookie| format!("{}={}", cookie.name(), cookie.value())).collect();
        let request = reqwest::Client::new().get(format!("{}{path}", node.origin()));
        let answer = request.header("Cookie", jar.join("; ")).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.text().await.unwrap()
    }

    /// Signs in somebody whose password is [`Member::PASSWORD`].
    pub async fn signs_in(&self, node: &Node, name: &str) {
        self.goes_to(&format!("{}/auth/sign_in", node.origin())).await;
        self.fills("username", name).await;
        self.fills("password", Member::PASSWORD).await;
        self.follows("#sign-in button").await;
    }

    /// What axe-core finds wrong with the page, by WCAG 2.2 AA and good practice: the rule, why, and
    /// where. The checker lives in this test alone; no page has a script.
    pub async fn faults(&self) -> Vec<String> {
        self.client.execute(&axe(), Vec::new()).await.unwrap();
        let check = "for (const fold of document.querySelectorAll('details')) fold.open = true; \
                     const done = arguments[0], more = { 'target-size': { enabled: true } }; \
                     axe.run(document, { resultTypes: ['violations'], rules: more }) \
                     .then(found => done(found.violations), error => done([{ id: String(error) }]))";
        let found = self.client.execute_async(check, Vec::new()).await.unwrap();
        let fault = |fault: &Value| {
            let nodes = fault["nodes"].as_array().cloned().unwrap_or_default();
            let places: Vec<String> = nodes
                .iter()
                .take(5)
                .map(|node| format!("{} {}", node["target"], node["failureSummary"]))
                .collect();
            format!("{}: {} at {}", fault["id"], fault["help"], places.join("; "))
        };
        found.as_array().expect("axe-core answers").iter().map(fault).collect()
    }

    /// What the browser complained about since it was last asked: broken rules, missing files. A
    /// form that is refused (422) is none of these.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.client.issue_cmd(BrowserLog).await.unwrap();
        let entries = log.as_array().cloned().unwrap_or_default();
        let messages = entries.iter().filter(|entry| entry["level"] == "SEVERE");
        let texts = messages.map(|entry| entry["message"].as_str().unwrap_or_default().to_owned());
        texts.filter(|text| !text.contains("status of 422")).collect()
    }

    /// Keeps a picture of the page in `target/screenshots`.
    pub async fn pictures(&self, name: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        let picture = self.client.screenshot().await.unwrap();
        std::fs::write(folder.join(format!("{name}.png")), picture).unwrap();
    }

    pub async fn closes(self) {
        self.client.close().await.unwrap();
        drop(self.driver);
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Asked to stop, the driver takes its browser along; killed, it would leave it behind.
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        if asked.is_err() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// The text of axe-core.
fn axe() -> String {
    let path = ".cache/node/node_modules/axe-core/axe.min.js";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(path).expect("axe-core is installed: run `scripts/setup-tests`")
}

fn capabilities(look: Look, profile: &Path) -> Value {
    let mut arguments = vec![
        "--headless".to_owned(),
        "--no-sandbox".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-quic".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--no-first-run".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--disable-sync".to_owned(),
        format!("--user-data-dir={}", profile.display()),
        format!("--window-size={},{}", look.width, look.height),
    ];
    let scheme = i32::from(!look.dark);
    arguments.push(format!("--blink-settings=preferredColorScheme={scheme}"));
    let mut options = json!({ "args": arguments });
    if !look.javascript {
        options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
    }
    if look.phone {
        // Without touch: clicks on a touch screen hang where scripts are off.
        let metrics = json!({
            "width": look.width, "height": look.height, "pixelRatio": 2.0,
            "mobile": true, "touch": false,
        });
        options["mobileEmulation"] = json!({ "deviceMetrics": metrics });
    }
    json!({
        "browserName": "chrome",
        "timeouts": { "pageLoad": 30_000, "script": 10_000 },
        "goog:chromeOptions": options,
        "goog:loggingPrefs": { "browser": "ALL" },
    })
}

/// Chromium's own command for its console.
#[derive(Debug)]
struct BrowserLog;

impl WebDriverCompatibleCommand for BrowserLog {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (reqwest::Method, Option<String>) {
        (reqwest::Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}
