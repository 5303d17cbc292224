// app.js - a Node.js application with a WebSocket and nothing but the standard library: node app.js PORT
//
// GET / is a page that opens a WebSocket to /ws and shows what comes; GET /api tells what was asked.  The WebSocket
// (RFC 6455) greets with "hello NUMBER", and gives back each text with "echo NUMBER: " in front, so that one can tell
// connections apart.
'use strict';

const http = require('http');
const crypto = require('crypto');

const page = `<!DOCTYPE html>
<html>
<head><title>application</title></head>
<body>
<h1 id="state">connecting</h1>
<ol id="said"></ol>
<script>
const state = document.getElementById('state'), said = document.getElementById('said');
const socket = new WebSocket((location.protocol === 'https:' ? 'wss://' : 'ws://') + location.host + '/ws');
socket.onopen = () => { state.textContent = 'open'; };
socket.onclose = () => { state.textContent = 'closed'; };
socket.onmessage = (event) => { said.appendChild(document.createElement('li')).textContent = event.data; };
window.tell = (text) => socket.send(text);
</script>
</body>
</html>
`;

const server = http.createServer((request, response) => {
    if (request.url === '/') {
        response.setHeader('Content-Type', 'text/html; charset=utf-8');
        response.end(page);
        return;
    }
    response.setHeader('Content-Type', 'application/json');
    response.statusCode = request.url.startsWith('/api') ? 200 : 404;
    response.end(JSON.stringify({ url: request.url, version: request.httpVersion, headers: request.headers }));
});

function frame(text) {
    const payload = Buffer.from(text);
    const head = payload.length < 126 ? Buffer.from([ 0x81, payload.length ])
        : Buffer.from([ 0x81, 126, payload.length >> 8, payload.length & 255 ]);

    return Buffer.concat([ head, payload ]);
}

// The first whole frame of the bytes, { opcode, text, used }, or null.  Clients mask, and send no more than 64 KB here.
function read(bytes) {
    if (bytes.length < 6) return null;
    const long = (bytes[1] & 127) === 126;
    if (long && bytes.length < 8) return null;
    const size = long ? bytes.readUInt16BE(2) : bytes[1] & 127;
    const mask = long ? 4 : 2;
    const used = mask + 4 + size;
    if (bytes.length < used) return null;
    const text = Buffer.from(bytes.subarray(mask + 4, used));
    for (let i = 0; i < text.length; i++) text[i] ^= bytes[mask + i % 4];
    return { opcode: bytes[0] & 15, text: text.toString(), used };
}

let count = 0;

server.on('upgrade', (request, socket) => {
    const number = ++count;
    const accept = crypto.createHash('sha1')
        .update(request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
    let bytes = Buffer.alloc(0);

    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
        + `Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
    socket.write(frame(`hello ${number}`));
    socket.on('data', (data) => {
        bytes = Buffer.concat([ bytes, data ]);
        for (let one; (one = read(bytes)) !== null; bytes = bytes.subarray(one.used)) {
            if (one.opcode === 8) return socket.end(Buffer.from([ 0x88, 0 ]));
            socket.write(frame(`echo ${number}: ${one.text}`));
        }
    });
});

server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log('ready'));
