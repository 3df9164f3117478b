//! A mail server on loopback that keeps what it is given.
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

use super::eventually;

/// A letter that arrived.
#[derive(Clone, Debug)]
pub struct Mail {
    pub from: String,
    pub to: String,
    /// Its header lines, folded ones joined.
    pub headers: Vec<String>,
    pub body: String,
}

impl Mail {
    pub fn header(&self, name: &str) -> &str {
        let start = format!("{}:", name.to_lowercase());
        let line = self.headers.iter().find(|line| line.to_lowercase().starts_with(&start));
        line.map_or("", |line| line[start.len()..].trim())
    }

    /// The one link with a token in it.
    pub fn link(&self) -> String {
        let links: Vec<&str> =
            self.body.split_whitespace().filter(|word| word.contains("?token=")).collect();
        assert_eq!(links.len(), 1, "{}", self.body);
        links[0].to_owned()
    }
}

/// The mail server.
pub struct Post {
    port: u16,
    arrived: Arc<Mutex<Vec<Mail>>>,
    full: Arc<AtomicBool>,
}

impl Post {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (arrived, full) = (Arc::<Mutex<Vec<Mail>>>::default(), Arc::<AtomicBool>::default());
        let (kept, is_full) = (Arc::clone(&arrived), Arc::clone(&full));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, Arc::clone(&kept), Arc::clone(&is_full)));
            }
        });
        Self { port, arrived, full }
    }

    /// What a node is told of it.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Takes nothing for now, or again.
    pub fn is_full(&self, full: bool) {
        self.full.store(full, Ordering::SeqCst);
    }

    /// All that arrived for an address, oldest first.
    pub fn all_to(&self, address: &str) -> Vec<Mail> {
        let arrived = self.arrived.lock().unwrap();
        arrived.iter().filter(|mail| mail.to == address).cloned().collect()
    }

    /// The newest letter to this address whose subject says that; waits for it, and takes it out.
    pub async fn brings(&self, address: &str, subject: &str) -> Mail {
        eventually(&format!("a letter to {address} about {subject:?}"), || async {
            let mut arrived = self.arrived.lock().unwrap();
            let is_it =
                |mail: &Mail| mail.to == address && mail.header("subject").contains(subject);
            arrived.iter().rposition(is_it).map(|at| arrived.remove(at))
        })
        .await
    }
}

/// One connection: just enough of RFC 5321.
async fn talk(stream: TcpStream, arrived: Arc<Mutex<Vec<Mail>>>, full: Arc<AtomicBool>) {
    let mut stream = BufReader::new(stream);
    let (mut from, mut to) = (String::new(), String::new());
    let mut say = "220 post.test\r\n".to_owned();
    loop {
        if stream.get_mut().write_all(say.as_bytes()).await.is_err() {
            return;
        }
        let mut line = String::new();
        if !matches!(stream.read_line(&mut line).await, Ok(1..)) {
            return;
        }
        let word = line.get(..4).unwrap_or_default().to_uppercase();
        let address = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        say = match word.as_str() {
            "EHLO" | "HELO" => "250-post.test\r\n250 8BITMIME\r\n".to_owned(),
            "MAIL" if full.load(Ordering::SeqCst) => {
                format!("452 no room for what is from {}\r\n", address())
            }
            "MAIL" => {
                from = address();
                "250 ok\r\n".to_owned()
            }
            "RCPT" => {
                to = address();
                "250 ok\r\n".to_owned()
            }
            "DATA" => {
                if stream.get_mut().write_all(b"354 go on\r\n").await.is_err() {
                    return;
                }
                let Some(text) = data(&mut stream).await else { return };
                arrived.lock().unwrap().push(parse(&from, &to, &text));
                "250 kept\r\n".to_owned()
            }
            "QUIT" => {
                // Who quits does not wait for an answer.
                let _ = stream.get_mut().write_all(b"221 bye\r\n").await;
                return;
            }
            _ => "250 ok\r\n".to_owned(),
        };
    }
}

async fn data(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        if !matches!(stream.read_line(&mut line).await, Ok(1..)) {
            return None;
        }
        if line == ".\r\n" {
            return Some(text);
        }
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

fn parse(from: &str, to: &str, text: &str) -> Mail {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let headers: Vec<String> = head.split("\r\n").map(str::to_owned).collect();
    let quoted = head.to_lowercase().contains("content-transfer-encoding: quoted-printable");
    let body = if quoted { unquoted(body) } else { body.to_owned() };
    let body = body.replace("\r\n", "\n");
    Mail { from: from.to_owned(), to: to.to_owned(), headers, body }
}

fn unquoted(text: &str) -> String {
    let joined = text.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let [first, more @ ..] = rest {
        let code = (*first == b'=').then(|| more.get(..2)).flatten();
        let byte = code
            .and_then(|code| std::str::from_utf8(code).ok())
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &more[2..] } else { more };
    }
    String::from_utf8(bytes).unwrap()
}
