extern alias Service;

using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Cclm.Inference;
using Cclm.Tests.Inference;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Service::EmbeddingService;

namespace Cclm.Tests.Samples;

/// <summary>The service of the samples in Kestrel on a loopback port, with the tiny model, and a client for it.</summary>
sealed class ServiceHost : IAsyncDisposable
{
    readonly TempFolder folder = new();
    readonly WebApplication application;

    ServiceHost(IEnumerable<(string Key, string Value)> settings, CclmModel? model)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = folder.Path });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(Log);
        (string, string)[] defaults = [("Embeddings:Path", folder.Write("model.onnx", new TinyModel().Bytes())), ("Service:SearchMembers", "0")];
        foreach (var (key, value) in defaults.Concat(settings))
        {
            builder.Configuration[key] = value;
        }
        builder.AddEmbeddingService();
        if (model is not null)
        {
            builder.Services.AddSingleton(model);
        }
        application = builder.Build();
        application.MapEmbeddingService();
    }

    public ListLogger Log { get; } = new();

    public IServiceProvider Services => application.Services;

    public Uri Url => new(application.Urls.Single());

    public HttpClient Client { get; } = new();

    /// <summary>A service that is ready.</summary>
    /// <param name="model">Serves this one rather than that of a file.</param>
    /// <param name="settings">Of its configuration.</param>
    public static async Task<ServiceHost> StartAsync(CclmModel? model = null, params (string Key, string Value)[] settings)
    {
        var host = new ServiceHost(settings, model);
        await host.application.StartAsync();
        host.Client.BaseAddress = host.Url;
        while (!(await host.Client.GetAsync("/health/ready")).IsSuccessStatusCode)
        {
            await Task.Delay(5);
        }
        return host;
    }

    /// <summary>Asks for vectors, or for something else.</summary>
    /// <param name="body">The request's body.</param>
    /// <param name="key">The API key; null for none.</param>
    /// <param name="type">What the body is said to be.</param>
    /// <param name="path">Where to.</param>
    public async Task<HttpResponseMessage> PostAsync(string body, string? key = null, string type = "application/json", string path = "/v1/embeddings")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, type) };
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        return await Client.SendAsync(request);
    }

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage response) => JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;

    public Task StopAsync() => application.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await application.DisposeAsync();
        folder.Dispose();
    }
}
