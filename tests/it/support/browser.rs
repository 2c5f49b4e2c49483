//! A headless Chromium, driven over its DevTools pipe: real keys, and nothing that it does stays unheard.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use crate::support::loopback::loopback;

const NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "chrome", "chrome-headless-shell"];

/// No request of its own, and no trace outside its folder.
const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
];

/// How many were started: each has a folder of its own.
static STARTED: AtomicU32 = AtomicU32::new(0);

pub(crate) struct Browser {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    last: u64,
    session: Option<String>,
    /// What it has told without being asked, since somebody looked.
    told: Vec<Value>,
    folder: PathBuf,
}

impl Browser {
    /// Starts one with a page of this size; `None` where there is no browser.
    pub(crate) fn start(width: u32, height: u32) -> Option<Self> {
        // The thread gets its own file table before it owns an fd.
        let _loopback = loopback();
        let path = std::env::var_os("PATH")?;
        let found = std::env::split_paths(&path)
            .flat_map(|folder| NAMES.map(|name| folder.join(name)))
            .find(|file| file.is_file())?;
        let name = format!("browser-{}-{}", std::process::id(), STARTED.fetch_add(1, Ordering::Relaxed));
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let mut command = Command::new("sh");
        // The pipe is its fds 3 and 4.
        command.args(["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", "sh"]).arg(found).args(FLAGS);
        command.arg(format!("--user-data-dir={}", folder.display())).arg(format!("--window-size={width},{height}"));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a shell");
        let (to, from) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
        let from = BufReader::new(from);
        let mut browser = Self { child, to, from, last: 0, session: None, told: Vec::new(), folder };
        let target = browser.ask("Target.createTarget", &json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.ask("Target.attachToTarget", &attach)["sessionId"].as_str().map(str::to_owned);
        browser.session = session;
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.ask(&format!("{domain}.enable"), &json!({}));
        }
        Some(browser)
    }

    fn read(&mut self) -> Value {
        let mut message = Vec::new();
        self.from.read_until(0, &mut message).expect("it speaks");
        assert_eq!(message.pop(), Some(0), "the browser has ended");
        serde_json::from_slice(&message).expect("JSON")
    }

    /// Has it do something, and waits until it has.
    pub(crate) fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        write!(self.to, "{message}\0").expect("it listens");
        loop {
            let mut answer = self.read();
            if answer["id"] == self.last {
                assert!(answer["error"].is_null(), "{method} {params}: {answer}");
                return answer["result"].take();
            }
            self.told.push(answer);
        }
    }

    /// Opens a file, and waits until all of it has run.
    pub(crate) fn open(&mut self, file: &Path) {
        self.told.clear();
        // A second page of the same name but for its fragment would not be loaded.
        self.ask("Page.navigate", &json!({ "url": format!("file://{}", file.display()) }));
        while !self.told.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let event = self.read();
            self.told.push(event);
        }
    }

    pub(crate) fn press(&mut self, key: &str) {
        let typed = key.chars().count() == 1;
        let mut down = json!({ "type": "keyDown", "key": key });
        if typed || key == "Enter" {
            down["text"] = json!(if typed { key } else { "\r" });
        }
        self.ask("Input.dispatchKeyEvent", &down);
        self.ask("Input.dispatchKeyEvent", &json!({ "type": "keyUp", "key": key }));
    }

    pub(crate) fn value(&mut self, script: &str) -> Value {
        let wanted = json!({ "expression": script, "returnByValue": true });
        let mut result = self.ask("Runtime.evaluate", &wanted);
        assert!(result["exceptionDetails"].is_null(), "{script}: {result}");
        result["result"]["value"].take()
    }

    pub(crate) fn text(&mut self, script: &str) -> String {
        self.value(script).as_str().unwrap_or_else(|| panic!("{script} is no text")).to_owned()
    }

    /// What it had to complain about, and what it asked others for, since the page was opened.
    pub(crate) fn complaints(&mut self) -> Vec<String> {
        const BAD: [&str; 4] =
            ["Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded", "Page.javascriptDialogOpening"];
        let bad = |event: &Value| {
            let is_page = event["params"]["type"] == "Document";
            BAD.iter().any(|bad| event["method"] == *bad) || event["method"] == "Network.requestWillBeSent" && !is_page
        };
        self.told.iter().filter(|event| bad(event)).map(ToString::to_string).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The processes that it has started end with it. One of them may hold the pipe longer, so nobody waits for its end.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
