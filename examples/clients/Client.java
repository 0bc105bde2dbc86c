// Asks a model that `irbis serve` or continuousServer() serves. Java 17 or newer, nothing else:
//
//     java Client.java http://127.0.0.1:8888/classifier cat.jpg ...
//
// A token is taken from the environment variable IRBIS_TOKEN.

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;

public class Client {
    public static void main(String[] arguments) throws Exception {
        var service = URI.create(arguments[0]);
        var client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

        // What it takes and returns: a generator such as openapi-generator makes typed clients of it.
        var document = client.send(request(service.resolve("/openapi.json")).build(), BodyHandlers.ofString());
        System.out.println(document.statusCode() + " " + document.body().contains("\"" + service.getPath() + "\""));

        // One connection is kept for all pictures.
        for (int i = 1; i < arguments.length; i++) {
            var picture = request(service)
                    .header("Content-Type", "application/octet-stream")
                    .POST(BodyPublishers.ofFile(Path.of(arguments[i])))
                    .build();
            var reply = client.send(picture, BodyHandlers.ofString());
            System.out.println(reply.statusCode() + " " + reply.body());
        }
    }

    private static HttpRequest.Builder request(URI address) {
        var made = HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(30));
        var token = System.getenv("IRBIS_TOKEN");
        return token == null ? made : made.header("Authorization", "Bearer " + token);
    }
}
