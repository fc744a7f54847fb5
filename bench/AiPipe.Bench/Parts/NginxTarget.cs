namespace AiPipe.Bench.Parts;

/// <summary>nginx as a plain proxy: it checks nothing, counts nothing and writes nothing. The limit of what a proxy can be.</summary>
internal sealed class NginxTarget : Target
{
    private readonly Part _process;
    private readonly int _port;

    private NginxTarget(Part process, int port) => (_process, _port) = (process, port);

    public override string Name => "nginx";
    public override IReadOnlyList<int> Ports => [_port];
    public override double Cpu => Proc.CpuOfFamily(_process.Pid);
    public override double Memory => Proc.MemoryOfFamily(_process.Pid);

    public static async Task<NginxTarget> StartAsync(Folder folder, UpstreamTarget upstream)
    {
        var port = Part.FreePort();
        var configuration = Path.Combine(folder.Path, "nginx.conf");
        await File.WriteAllTextAsync(configuration, Configuration(folder.Path, port, upstream.Port));
        var process = Part.Start(folder, "nginx", "nginx", ["-p", folder.Path, "-c", configuration, "-e", "stderr"]);
        return new NginxTarget(await process.ListensAsync(port), port);
    }

    public override ValueTask DisposeAsync() => _process.DisposeAsync();

    private static string Configuration(string folder, int port, int upstream) => $$"""
        daemon off;
        worker_processes auto;
        pid {{folder}}/nginx.pid;
        events { worker_connections 4096; }
        http {
          access_log off;
          client_body_temp_path {{folder}}/body; proxy_temp_path {{folder}}/proxy; fastcgi_temp_path {{folder}}/fastcgi;
          uwsgi_temp_path {{folder}}/uwsgi; scgi_temp_path {{folder}}/scgi;
          keepalive_requests 1000000000;
          upstream provider { server 127.0.0.1:{{upstream}}; keepalive 512; keepalive_requests 1000000000; }
          server {
            listen 127.0.0.1:{{port}} backlog=4096;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
            location /now/ { proxy_pass http://provider/; }
            location /slow/ { proxy_pass http://provider/50ms/; }
          }
        }
        """;
}
