// dynalite on 127.0.0.1, in memory unless PATH names a folder for its LevelDB. Its own command line cannot ask
// for any free port; this can. Arguments: PORT (0: any) [PATH] [CREATE_TABLE_MS]
const [port, path, createTableMs] = process.argv.slice(2);
const delay = Number(createTableMs) || 0;
const server = require('dynalite')({
    path: path || undefined,
    createTableMs: delay,
    deleteTableMs: delay,
    updateTableMs: delay,
});
server.on('error', (error) => {
    console.error(`dynalite: ${error.message}`);
    process.exit(1);
});
server.listen(Number(port), '127.0.0.1', () => {
    const endpoint = `http://127.0.0.1:${server.address().port}`;
    console.log(`READY dynalite endpoint=${endpoint} region=us-east-1 pid=${process.pid}`);
});
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
