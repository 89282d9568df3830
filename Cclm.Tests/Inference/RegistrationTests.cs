using Cclm.Inference;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NUnit.Framework;

namespace Cclm.Tests.Inference;

public class RegistrationTests
{
    readonly TinyModel tiny = new();
    TempFolder folder = null!;
    string path = null!;

    [SetUp]
    public void Write()
    {
        folder = new();
        path = folder.Write("model.onnx", tiny.Bytes());
    }

    [TearDown]
    public void Clean() => folder.Dispose();

    [Test]
    public async Task OneLineRegistersAGenerator()
    {
        var services = new ServiceCollection();
        services.AddCclmEmbeddingGenerator(path);
        await using var provider = services.BuildServiceProvider();

        var generator = provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();

        Assert.That((await generator.GenerateVectorAsync("abc")).ToArray(), Is.EqualTo(tiny.Embedding("abc")).Within(1e-5f));
        Assert.That(provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>(), Is.SameAs(generator));
        Assert.That(generator.GetService<CclmModel>(), Is.SameAs(provider.GetRequiredService<CclmModel>()));
    }

    [Test]
    public async Task TheBuilderTakesMiddlewareAndTheLogHasNoText()
    {
        using var log = new ListLogger();
        var services = new ServiceCollection().AddLogging(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(log));
        services.AddCclmEmbeddingGenerator(path, options => options.Threads = 1).UseLogging();
        await using var provider = services.BuildServiceProvider();

        await provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateAsync(["secret"]);

        Assert.That(log.Lines, Has.Some.Contains("GenerateAsync"));
        Assert.That(log.Lines, Has.None.Contains("secret"));
    }

    [Test]
    public async Task KeyedModelsStandSideBySide()
    {
        var other = new TinyModel { Characters = "abc" };
        var services = new ServiceCollection();
        services.AddKeyedCclmEmbeddingGenerator("first", path);
        services.AddKeyedCclmEmbeddingGenerator("second", folder.Write("other.onnx", other.Bytes()), options => options.BatchCharacters = 1);
        await using var provider = services.BuildServiceProvider();

        Assert.That(await Vector("first"), Is.EqualTo(tiny.Embedding("dad")).Within(1e-5f));
        Assert.That(await Vector("second"), Is.EqualTo(other.Embedding("dad")).Within(1e-5f));
        Assert.That(provider.GetService<IEmbeddingGenerator<string, Embedding<float>>>(), Is.Null);

        async Task<float[]> Vector(string key) =>
            (await provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(key).GenerateVectorAsync("dad")).ToArray();
    }

    [Test]
    public async Task ASectionOfTheConfigurationIsEnough([Values(null, "key")] string? key)
    {
        var services = new ServiceCollection();
        services.AddKeyedCclmEmbeddingGenerator(key, Section(("Path", path), ("Provider", "cpu"), ("Threads", "3"), ("BatchCharacters", "77")));
        await using var provider = services.BuildServiceProvider();

        var options = provider.GetRequiredService<IOptionsMonitor<CclmEmbeddingGeneratorOptions>>().Get(key);

        Assert.That((options.Path, options.Provider, options.Threads), Is.EqualTo((path, ExecutionProvider.Cpu, 3)));
        Assert.That((options.BatchCharacters, options.CudaDevice), Is.EqualTo((77, 0)));
        Assert.That(provider.GetRequiredKeyedService<CclmModel>(key).Embed("b"), Is.EqualTo(tiny.Embedding("b")).Within(1e-5f));
    }

    [TestCase("Thread", "4", "Section 'Embeddings' of the configuration: ", "'Thread'", "Threads, ThreadsPerRun")]                         // a misspelt key
    [TestCase("Threads", "many", "Embeddings:Threads")]
    [TestCase("Threads", "-1", "Threads is -1")]
    [TestCase("Provider", "Gpu", "Embeddings:Provider", "Provider (Auto, Cpu, Cuda)")]
    [TestCase("Path", "", "Path is missing")]
    [TestCase("Path", "none.onnx", "there is no file")]
    public async Task AConfigurationThatCannotBeStopsTheHostAtItsStart(string key, string value, params string[] said)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddCclmEmbeddingGenerator(Section(("Path", path), (key, value)));
        using var host = builder.Build();

        var e = (await Assert.CatchAsync(() => host.StartAsync()))!;
        Assert.That(said.Where(words => !e.Message.Contains(words, StringComparison.Ordinal)), Is.Empty, e.Message);
    }

    [Test]
    public void AFileThatIsNotThereStopsTheHostAtItsStart()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddKeyedCclmEmbeddingGenerator("mine", folder["none.onnx"]);
        using var host = builder.Build();

        Assert.That(
            () => host.StartAsync(),
            Throws.TypeOf<OptionsValidationException>().With.Message.Contains("'mine'").And.Message.Contains("none.onnx"));
    }

    [Test]
    public async Task TheContainerDisposesTheModel()
    {
        var services = new ServiceCollection();
        services.AddCclmEmbeddingGenerator(path);
        var provider = services.BuildServiceProvider();
        var model = provider.GetRequiredService<CclmModel>();

        await provider.DisposeAsync();

        Assert.That(() => model.Embed("a"), Throws.TypeOf<ObjectDisposedException>());
    }

    static IConfiguration Section(params (string Key, string Value)[] values)
    {
        var configuration = new ConfigurationManager();
        foreach (var (key, value) in values)
        {
            configuration[$"Embeddings:{key}"] = value;
        }
        return configuration.GetSection("Embeddings");
    }
}
