"""What keeps kam serve from starting. What it answers to programs stays English."""

from __future__ import annotations

WORDS: dict[str, str] = {
    # engine/service/server.py
    "cannot listen on {host} port {port}: {why}": "无法监听 {host} 的端口 {port}：{why}",
    "choose others with --host, --port": "请用 --host、--port 另选地址或端口",
    # engine/service/tokens.py
    "entry {number} of the tokens: {problem}": "令牌的第 {number} 项：{problem}",
    "two entries have the same token": "有两项的令牌相同",
    "{file} and {variable} are both set": "{file} 与 {variable} 都已设置",
    "set one of them": "请只设置其一",
    "{file} is open to everybody on this machine": "{file} 对本机所有人开放",
    "chmod 640 {file}, and make new tokens": "请执行 chmod 640 {file}，并更换令牌",
    "the file of {variable} cannot be read: {why}": "{variable} 指明的文件无法读取：{why}",
    "it has another form": "格式不符",
    "write name:roles:token, for example crm:send:… or sales:send,read=internal:…": (
        "请写成 name:roles:token，例如 crm:send:… 或 sales:send,read=internal:…"
    ),
    "the token of '{name}' is not a token of at least {count} characters": (
        "“{name}”的令牌不足 {count} 个字符，或含有不允许的字符"
    ),
    "make one with: openssl rand -hex 32": "可用 openssl rand -hex 32 生成",
    "'{name}' has the role '{role}', which there is not": "“{name}”所写的角色“{role}”不存在",
    "'{name}' reads the class '{level}', which there is not": "“{name}”所写的密级“{level}”不存在",
    "choose from: {list}": "可选：{list}",
    # engine/service/bodies.py, batching.py
    "an event has at most {count} bytes": "一个事件最多 {count} 字节",
    "the service is stopping": "服务正在停止",
    "{count} events are waiting": "有 {count} 个事件正在等待",
}
